"""An entry of the journal is one row with its postings."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    _run((_FOLDER / "entry_row.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run((_FOLDER / "entry_row_back.sql").read_text(encoding="utf-8"))


def _run(statements: str) -> None:
    for statement in statements.split("\n\n\n"):
        op.execute(statement)
