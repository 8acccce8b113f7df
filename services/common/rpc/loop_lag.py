"""How late the event loop is: what every call in the process waits for before anything is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

TICK_S = 0.05
TICKS_IN_A_WINDOW = 4
# Nobody asks when nothing comes: then the loop is left in peace.
_ASKED_WITHIN_S = 1.0


class LoopLag:
    """Looks at the loop while somebody asks. A moment's lag counts little, one that stands counts."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lags_s: list[float] = []
        self._standing_s = 0.0
        self._asked_at = 0.0
        self._due_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def standing_s(self) -> float:
        """Give the mean lateness in seconds over the last window, 0 when nothing is known yet."""
        self._asked_at = self._clock()
        if self._timer is None:
            self._standing_s = 0.0
            self._wait()
        return self._standing_s

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> None:
        """Note how late we are, and look again soon."""
        now = self._clock()
        self._lags_s.append(max(0.0, now - self._due_at))
        if len(self._lags_s) == TICKS_IN_A_WINDOW:
            self._standing_s = sum(self._lags_s) / TICKS_IN_A_WINDOW
            self._lags_s.clear()
        if now - self._asked_at > _ASKED_WITHIN_S:
            self._timer = None
            self._lags_s.clear()
        else:
            self._wait()

    def _wait(self) -> None:
        self._due_at = self._clock() + TICK_S
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self.look)
