"""Where alembic finds catalog's revisions."""

from pathlib import Path

FOLDER = Path(__file__).parent
# What was published is never rewritten.
APPEND_ONLY_TABLES = ("seat_plan", "price_list", "terms", "promotion")
