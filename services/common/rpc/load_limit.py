"""How many calls are worked on at once: some run, some wait a little, the rest are refused."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic

from services.common.errors import OverloadedError

# How often we look whether the queue shrinks, and by how much it must to be called a burst.
SAMPLE_INTERVAL_S = 0.5
_SHRINKING = 0.9

_Turn = tuple["asyncio.Future[None]", float]


class LoadLimit:
    """Lets `max_in_flight_calls` run and `max_queued_calls` wait up to `max_queue_wait_ms`.

    A burst may wait that long, first come, first served, those with precedence before all others.
    A queue that does not shrink means that more comes than we can do: then only who waited less
    than `standing_queue_wait_ms`, or has precedence, is served, so that what is served is still
    wanted. The others are refused with OVERLOADED and a hint when to come back. Health checks and
    reflection never come here.
    """

    def __init__(
        self,
        *,
        max_in_flight_calls: int,
        max_queued_calls: int = 0,
        max_queue_wait_ms: int = 3_000,
        standing_queue_wait_ms: int = 200,
        retry_after_ms: int = 500,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._max_in_flight_calls = max_in_flight_calls
        self._max_queued_calls = max_queued_calls
        self._max_queue_wait_s = max_queue_wait_ms / 1000
        self._standing_queue_wait_s = standing_queue_wait_ms / 1000
        self._retry_after_ms = retry_after_ms
        self._clock = clock
        self._ahead: deque[_Turn] = deque()
        self._waiting: deque[_Turn] = deque()
        self._sampled_at = 0.0
        self._sampled_length = 0
        self._standing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.in_flight = 0
        self.refused = 0

    @property
    def queued(self) -> int:
        return len(self._ahead) + len(self._waiting)

    def try_enter(self) -> bool:
        """Take a place if one is free; pair with `leave`."""
        if self.in_flight >= self._max_in_flight_calls:
            return False
        if self.in_flight == 0:
            self._idle.clear()
        self.in_flight += 1
        return True

    async def enter(self, *, has_precedence: bool = False) -> None:
        """Take a place, waiting within bounds; raises OVERLOADED. Pair with `leave`."""
        if self.try_enter():
            return
        queue = self._ahead if has_precedence else self._waiting
        if self.queued >= self._max_queued_calls and not (has_precedence and self._push_out()):
            raise self._refusal()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        turn = (place, self._clock())
        queue.append(turn)
        try:
            async with asyncio.timeout(self._max_queue_wait_s):
                await place
        except TimeoutError:
            self._give_up(turn, queue)
            raise self._refusal() from None
        except asyncio.CancelledError:
            self._give_up(turn, queue)
            raise

    def leave(self) -> None:
        """Give the place to the next one who waits, or back."""
        if self.queued and self._pass_on():
            return
        self.in_flight -= 1
        if self.in_flight == 0:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until nothing is in flight."""
        await self._idle.wait()

    def _pass_on(self) -> bool:
        now = self._clock()
        self._sample(now)
        while self._ahead:
            place, _ = self._ahead.popleft()
            if not place.done():
                place.set_result(None)
                return True
        while self._waiting:
            place, since = self._waiting.popleft()
            if place.done():
                continue
            if self._standing and now - since > self._standing_queue_wait_s:
                place.set_exception(self._refusal())
                continue
            place.set_result(None)
            return True
        return False

    def _push_out(self) -> bool:
        """Refuse who came last of those without precedence; False when nobody is there."""
        while self._waiting:
            place, _ = self._waiting.pop()
            if not place.done():
                place.set_exception(self._refusal())
                return True
        return False

    def _sample(self, now: float) -> None:
        if now - self._sampled_at < SAMPLE_INTERVAL_S:
            return
        fresh = now - self._sampled_at < 2 * SAMPLE_INTERVAL_S
        length = len(self._waiting)
        self._standing = fresh and length > self._sampled_length * _SHRINKING > 0
        self._sampled_at, self._sampled_length = now, length

    def _give_up(self, turn: _Turn, queue: deque[_Turn]) -> None:
        place, _ = turn
        if not place.done() or place.cancelled():
            if turn in queue:
                queue.remove(turn)
        elif place.exception() is None:
            self.leave()  # The place came in the moment of giving up.

    def _refusal(self) -> OverloadedError:
        self.refused += 1
        return OverloadedError(retry_after_ms=self._retry_after_ms)
