"""Prices by format and time of day, promotions, and public holidays that staff set."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent.parent


def upgrade() -> None:
    op.execute("DROP VIEW listed_screening")
    _run("prices.sql")
    _run("screening_view_3.sql")


def downgrade() -> None:
    op.execute("DROP VIEW listed_screening")
    op.execute("DROP TABLE promotion, holiday_calendar")
    op.execute("ALTER TABLE price_list DROP COLUMN priced_bands")
    op.execute("ALTER TABLE public_holiday DROP COLUMN name")
    _run("screening_view_2.sql")


def _run(name: str) -> None:
    for statement in (_FOLDER / name).read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.execute(statement)
