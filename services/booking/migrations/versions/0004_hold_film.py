"""The film that a hold is made for, so that another one is noticed."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE hold ADD COLUMN film_id text NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE hold DROP COLUMN film_id")
