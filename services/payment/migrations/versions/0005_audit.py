"""How days compare with the provider's list, and the order of what finance lists."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parent.parent / "sql" / "audit.sql"


def upgrade() -> None:
    for statement in _SQL.read_text(encoding="utf-8").split("\n\n\n"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX journal_entry_occur_time, exception_case_open_time")
    op.execute("DROP TABLE provider_day")
