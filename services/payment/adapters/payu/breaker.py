"""A small breaker: while a point of sale does not answer, we say so at once instead of waiting."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """Opens after `max_failures_in_a_row` for `open_s`; then one call tries at a time.

    `is_down_for_all` is what all processes agree on: then nobody calls but who probes. `news` is
    set when this process has learnt something that the others do not know.
    """

    max_failures_in_a_row: int = 5
    open_s: float = 2.0
    trial_s: float = 10.0
    clock: Callable[[], float] = time.monotonic
    news: asyncio.Event = field(default_factory=asyncio.Event)
    is_down_for_all: bool = False
    _failures: int = 0
    _open_until: float = 0.0

    @property
    def is_tripped(self) -> bool:
        """Whether this process has seen the provider fail, and not answer since."""
        return self._failures >= self.max_failures_in_a_row

    @property
    def is_open(self) -> bool:
        return self.is_down_for_all or (self.is_tripped and self.clock() < self._open_until)

    def allows(self) -> bool:
        """Tell whether to call; the first one after the time is over is the trial."""
        if self.is_down_for_all:
            return False
        if not self.is_tripped:
            return True
        if self.clock() < self._open_until:
            return False
        self._open_until = self.clock() + self.trial_s
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self.is_tripped:
            self._open_until = self.clock() + self.open_s
            self.news.set()
