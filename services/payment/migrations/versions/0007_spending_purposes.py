"""What is taken from a budget may be a remedy that nobody asked for."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE spending ADD COLUMN purpose text NOT NULL DEFAULT 'VOUCHER'"
               " CHECK (purpose IN ('VOUCHER', 'LAPSED_REMEDY'))")  # fmt: skip


def downgrade() -> None:
    op.execute("ALTER TABLE spending DROP COLUMN purpose")
