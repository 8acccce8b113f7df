"""How many calls are worked on at once: some run, some wait a little, the rest are refused."""

from __future__ import annotations

import asyncio
from collections import deque

from services.common.errors import OverloadedError


class LoadLimit:
    """Lets `max_in_flight_calls` run and `max_queued_calls` wait up to `max_queue_wait_ms`.

    Who waits is served first come, first served; who cannot be served in time is refused with
    OVERLOADED and a hint when to come back. Health checks and reflection never come here.
    """

    def __init__(
        self,
        *,
        max_in_flight_calls: int,
        max_queued_calls: int = 0,
        max_queue_wait_ms: int = 250,
        retry_after_ms: int = 500,
    ) -> None:
        self._max_in_flight_calls = max_in_flight_calls
        self._max_queued_calls = max_queued_calls
        self._max_queue_wait_s = max_queue_wait_ms / 1000
        self._retry_after_ms = retry_after_ms
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self.in_flight = 0
        self.refused = 0

    @property
    def queued(self) -> int:
        return len(self._waiting)

    def try_enter(self) -> bool:
        """Take a place if one is free; pair with `leave`."""
        if self.in_flight >= self._max_in_flight_calls:
            return False
        if self.in_flight == 0:
            self._idle.clear()
        self.in_flight += 1
        return True

    async def enter(self) -> None:
        """Take a place, waiting within bounds; raises OVERLOADED. Pair with `leave`."""
        if self.try_enter():
            return
        if len(self._waiting) >= self._max_queued_calls:
            self._refuse()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._max_queue_wait_s):
                await turn
        except TimeoutError:
            self._give_up(turn)
            self._refuse()
        except asyncio.CancelledError:
            self._give_up(turn)
            raise

    def leave(self) -> None:
        """Give the place to the next one who waits, or back."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.in_flight -= 1
        if self.in_flight == 0:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until nothing is in flight."""
        await self._idle.wait()

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():
            self.leave()  # The place came in the moment of giving up.
        elif turn in self._waiting:
            self._waiting.remove(turn)

    def _refuse(self) -> None:
        self.refused += 1
        raise OverloadedError(retry_after_ms=self._retry_after_ms)
