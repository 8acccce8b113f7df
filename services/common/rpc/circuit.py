"""Not asking a peer for a moment when it failed several times in a row."""

from __future__ import annotations

import time


class Circuit:
    """Opens after `max_failures` in a row for `open_ms`; then one call tries again."""

    def __init__(self, *, max_failures: int = 5, open_ms: int = 1_000) -> None:
        self._max_failures = max_failures
        self._open_s = open_ms / 1000
        self._failures = 0
        self._open_until = 0.0

    def allows(self) -> bool:
        """Tell whether to call; once the time is over, exactly one caller is told yes."""
        if self._failures < self._max_failures:
            return True
        now = time.monotonic()
        if now < self._open_until:
            return False
        self._open_until = now + self._open_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self._max_failures:
            self._open_until = time.monotonic() + self._open_s
