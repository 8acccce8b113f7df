"""What has to happen when: one timer for any number of orders."""

import asyncio
import heapq
from collections.abc import Callable

from deploy.payu_emulator.clock import Clock

max_stale_entries = 10_000


class Agenda:
    """Calls `due(order_id)` once the clock has reached the earliest time put down for it."""

    def __init__(self, clock: Clock, due: Callable[[str], None]) -> None:
        self._clock = clock
        self._due = due
        self._heap: list[tuple[float, str]] = []
        self._earliest: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def put(self, order_id: str, at: float) -> None:
        """Put down a time; an earlier one already there stays, and a wake-up too early is free."""
        if at >= self._earliest.get(order_id, float("inf")):
            return
        self._earliest[order_id] = at
        heapq.heappush(self._heap, (at, order_id))
        if self._heap[0] == (at, order_id):
            self.look_again()

    def drop(self, order_id: str) -> None:
        self._earliest.pop(order_id, None)
        if len(self._heap) > 2 * len(self._earliest) + max_stale_entries:
            self._heap = [(at, key) for key, at in self._earliest.items()]
            heapq.heapify(self._heap)

    def clear(self) -> None:
        """Forget everything; nothing is called any more."""
        self._heap.clear()
        self._earliest.clear()
        self.look_again()

    def look_again(self) -> None:
        """Set the timer to what is earliest now; to be called when the clock was moved."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._heap:
            wait_s = max(0.0, self._heap[0][0] - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(wait_s, self._ring)

    def _ring(self) -> None:
        self.call_due()
        self.look_again()

    def call_due(self) -> None:
        """Do now what is due now."""
        now = self._clock.now()
        while self._heap and self._heap[0][0] <= now:
            at, order_id = heapq.heappop(self._heap)
            if self._earliest.get(order_id) == at:
                del self._earliest[order_id]
                self._due(order_id)
