"""Two indexes go that nothing reads: each hold and each order paid for their entries."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX hold_id")
    op.execute("DROP INDEX customer_order_owner")


def downgrade() -> None:
    op.execute("CREATE INDEX hold_id ON hold (id)")
    op.execute("CREATE INDEX customer_order_owner ON customer_order (screening_id, owner)")
