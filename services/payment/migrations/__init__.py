"""Where alembic finds payment's revisions."""

from pathlib import Path

FOLDER = Path(__file__).parent
APPEND_ONLY_TABLES = ("journal_entry", "spending")
