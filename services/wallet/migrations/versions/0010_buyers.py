"""Card purchases that still say who bought are found by an index."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX card_purchase_buyer ON card_purchase (create_time) WHERE email <> ''")


def downgrade() -> None:
    op.execute("DROP INDEX card_purchase_buyer")
