"""Where alembic finds wallet's revisions."""

from pathlib import Path

FOLDER = Path(__file__).parent
# What moves places and vouchers is only ever added to.
APPEND_ONLY_TABLES = ("place_entry", "voucher_entry", "point_entry", "card_batch", "card_product")
