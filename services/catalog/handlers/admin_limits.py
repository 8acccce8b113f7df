"""What staff's calls may take."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AdminLimits:
    """Bounds of imports, and how long after the start sales end."""

    max_feed_bytes: int = 64 * 1024 * 1024
    max_concurrent_imports: int = 4
    max_queued_imports: int = 32
    max_import_wait_ms: int = 10_000
    sales_end_after_start: timedelta = timedelta(minutes=15)
