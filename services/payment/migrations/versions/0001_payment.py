"""The payments, their attempts, the journal and the inbox of notifications."""

from pathlib import Path

from alembic import op

from services.common.db.schema import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).parent.parent / "sql"
_TABLES = (
    "exception_case",
    "journal_posting",
    "journal_entry",
    "spending",
    "stray_order",
    "notification",
    "payment_attempt",
    "payment",
)


def upgrade() -> None:
    create_chassis_tables(op)
    for name in ("payment.sql", "functions.sql", "journal.sql"):
        for statement in (_SQL / name).read_text(encoding="utf-8").split("\n\n\n"):
            op.execute(statement)


def downgrade() -> None:
    op.execute(f"DROP TABLE IF EXISTS {', '.join(_TABLES)} CASCADE")
    for function in ("lock_payment", "read_payment", "payment_document"):
        op.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
    for function in ("guard_attempt", "refuse_change", "check_entry_balance"):
        op.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")
    drop_chassis_tables(op)
