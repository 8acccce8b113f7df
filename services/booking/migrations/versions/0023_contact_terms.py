"""Which screenings' contacts are gone, so that nobody looks at them again."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # 1: of orders that nobody paid, 2: of all.
    op.execute(
        "ALTER TABLE screening_copy ADD COLUMN contacts_erased integer NOT NULL DEFAULT 0"
        " CHECK (contacts_erased BETWEEN 0 AND 2)"
    )
    op.execute(
        "CREATE INDEX screening_copy_contacts ON screening_copy (contacts_erased, ends_at)"
        " WHERE contacts_erased < 2"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE screening_copy DROP COLUMN contacts_erased")
