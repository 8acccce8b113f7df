"""Refunds, what a payment is made of, and the accounts of the whole plan."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parent.parent / "sql" / "refund.sql"


def upgrade() -> None:
    for statement in _SQL.read_text(encoding="utf-8").split("\n\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE refund")
    op.execute("DROP FUNCTION guard_refund")
    op.execute("ALTER TABLE payment DROP COLUMN lines")
