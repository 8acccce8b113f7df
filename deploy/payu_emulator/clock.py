"""The emulator's clock, which a test may move."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall-clock time plus an offset; all instants are seconds since the epoch."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self.offset_seconds = offset_seconds

    def now(self) -> float:
        return time.time() + self.offset_seconds


def timestamp(at: float) -> str:
    """Write an instant as the provider does: ISO 8601, milliseconds, numeric zone."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
