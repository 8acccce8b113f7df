"""A small breaker: while a point of sale does not answer, we say so at once instead of waiting."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """Opens after `max_failures_in_a_row` for `open_s`; then one call tries at a time.

    Local to the process: each learns by itself.
    """

    max_failures_in_a_row: int = 5
    open_s: float = 2.0
    trial_s: float = 10.0
    clock: Callable[[], float] = time.monotonic
    _failures: int = 0
    _open_until: float = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self.max_failures_in_a_row and self.clock() < self._open_until

    def allows(self) -> bool:
        """Tell whether to call; the first one after the time is over is the trial."""
        if self._failures < self.max_failures_in_a_row:
            return True
        if self.clock() < self._open_until:
            return False
        self._open_until = self.clock() + self.trial_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self.max_failures_in_a_row:
            self._open_until = self.clock() + self.open_s
