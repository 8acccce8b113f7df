"""An account's orders by when they were placed: IDs are of the processes' clocks."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BY_TIME = """
CREATE INDEX customer_order_account_time ON customer_order (account_id, created_at, id)
WHERE account_id IS NOT NULL"""
_BY_ID = """
CREATE INDEX customer_order_account ON customer_order (account_id, id)
WHERE account_id IS NOT NULL"""


def upgrade() -> None:
    op.execute(_BY_TIME)
    op.execute("DROP INDEX customer_order_account")


def downgrade() -> None:
    op.execute(_BY_ID)
    op.execute("DROP INDEX customer_order_account_time")
