"""Cinemas, halls, plans, films, screenings, prices and terms, beside the chassis's tables."""

import csv
from collections.abc import Iterator
from pathlib import Path

from alembic import op

from services.common.db.schema import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent.parent
_TABLES = (
    "import_row",
    "public_holiday",
    "terms",
    "policy",
    "price_list",
    "screening",
    "film",
    "seat_plan",
    "hall",
    "cinema",
)


def upgrade() -> None:
    create_chassis_tables(op)
    for name in ("catalog.sql", "screening_view.sql"):
        for statement in (_FOLDER / name).read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                op.execute(statement)
    op.execute(f"INSERT INTO public_holiday VALUES {', '.join(_holidays())}")


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS listed_screening")
    op.execute("ALTER TABLE hall DROP CONSTRAINT hall_seat_plan")
    op.execute(f"DROP TABLE IF EXISTS {', '.join(_TABLES)}")
    drop_chassis_tables(op)


def _holidays() -> Iterator[str]:
    with (_FOLDER / "public_holidays.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield f"('{row['country_code']}', '{row['date']}')"
