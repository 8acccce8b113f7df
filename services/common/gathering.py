"""Doing many small things of one kind together, when they come faster than one at a time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from time import monotonic
from typing import Generic, TypeVar

P = TypeVar("P")
R = TypeVar("R")


@dataclass(slots=True)
class Pace:
    """How fast one thing may follow another: one in `min_interval_ms`, at once after a longer time.

    What comes together then is more, for calls that can wait so long.
    """

    min_interval_ms: int = 0
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _next_at_s: float = field(default=0.0, init=False)

    @property
    def wait_s(self) -> float:
        return self._next_at_s - self.clock() if self.min_interval_ms else 0.0

    def begin(self) -> None:
        if self.min_interval_ms:
            self._next_at_s = self.clock() + self.min_interval_ms / 1_000


@dataclass(slots=True)
class Gathering(Generic[P, R]):
    """Runs `work` on what was asked for meanwhile: alone when idle, many together when busy.

    `work` gets the parts in the order they were asked for and gives for each a result or the
    error that its asker gets; an error that it raises is everybody's. At most `max_runs` are under
    way at a time, each of at most `max_parts`, at their `pace` until so many wait; what comes then
    waits, no more of it than there are calls in flight. The work is nobody's: it goes on when the
    one who asked is cancelled, and knows no call.
    """

    work: Callable[[Sequence[P]], Awaitable[Sequence[R | Exception]]]
    max_parts: int = 64
    pace: Pace = field(default_factory=Pace)
    max_runs: int = 1
    _is_beginning: bool = field(default=False, init=False)
    _under_way: int = field(default=0, init=False)
    _waiting: "deque[tuple[P, asyncio.Future[R]]]" = field(default_factory=deque)
    _runs: "set[asyncio.Task[None]]" = field(default_factory=set)

    @property
    def busy(self) -> bool:
        """Whether a run is under way, or about to be."""
        return self._is_beginning or self._under_way > 0

    async def ask(self, part: P) -> R:
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((part, answer))
        self._begin()
        return await answer

    def _begin(self) -> None:
        if not self._waiting or self._is_beginning or self._under_way >= self.max_runs:
            return
        # It begins when the loop comes to it: what is asked for until then goes with it.
        self._is_beginning = True
        run = asyncio.get_running_loop().create_task(self._run(), context=Context())
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)

    async def _run(self) -> None:
        try:
            if (wait_s := self.pace.wait_s) > 0 and len(self._waiting) < self.max_parts:
                await self.pace.sleep(wait_s)
            self.pace.begin()
        finally:
            self._is_beginning = False
        self._under_way += 1
        try:
            await self._run_some()
        finally:
            # At once, not when the run's end is told: who asks in between would wait for ever.
            self._under_way -= 1
            self._begin()

    async def _run_some(self) -> None:
        size = min(self.max_parts, len(self._waiting))
        taken = [self._waiting.popleft() for _ in range(size)]
        try:
            results = await self.work([part for part, _ in taken])
            answered = list(zip(taken, results, strict=True))
        except Exception as error:  # noqa: BLE001 - raised by those who asked.
            answered = [(asked, error) for asked in taken]
        except asyncio.CancelledError:
            for _, answer in taken:
                answer.cancel()
            raise
        for (_, answer), result in answered:
            _give(answer, result)


def _give(answer: "asyncio.Future[R]", result: R | Exception) -> None:
    if answer.done():
        return  # Who asked has gone.
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
