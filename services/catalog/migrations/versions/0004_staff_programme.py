"""What staff say of cinemas, halls, films and screenings, beside what the feed says."""

import csv
from collections.abc import Iterator
from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_FOLDER = Path(__file__).parent.parent


def upgrade() -> None:
    op.execute("DROP VIEW listed_screening")
    for name in ("staff_programme.sql", "screening_view_2.sql"):
        for statement in _statements(name):
            op.execute(statement)
    op.execute(f"INSERT INTO rating VALUES {', '.join(_ratings())}")


def _statements(name: str) -> Iterator[str]:
    text = (_FOLDER / name).read_text(encoding="utf-8")
    return (statement for statement in text.split(";\n") if statement.strip())


def downgrade() -> None:
    op.execute("DROP VIEW listed_screening")
    for name in ("staff_programme_undo.sql", "screening_view.sql"):
        for statement in _statements(name):
            op.execute(statement)


def _ratings() -> Iterator[str]:
    with (_FOLDER / "ratings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield f"('{row['country_code']}', '{row['code']}')"
