"""Streams of what changes: one look for all that is watched in a process, each message made once.

A watcher holds nothing but a mark of what it has seen. Who is told gets turns in slices, so that
other work goes on in between; when there is too much to do the turns take longer, and everybody is
told less often, never less.
"""

import asyncio
import random
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar
from uuid import UUID

from services.common.logging import get_logger

# So many are given their turn before the loop's other work goes on, and how long it has for that.
WATCHERS_PER_SLICE = 25
SLICE_PAUSE_S = 0.005
MAX_LOOK_S = 5.0
# Rounds begin a little later than messages may follow each other: nobody's clock is exact.
_ROUND_SLACK = 1.02
_YOUNGEST_END = 0.8

_log = get_logger(__name__)


class Topic(Protocol):
    """A thing that is watched, as this process knows it. A mark says what a watcher has seen."""

    @property
    def key(self) -> UUID: ...

    @property
    def mark(self) -> Any:
        """The mark of a watcher who was told everything."""
        ...

    @property
    def is_final(self) -> bool:
        """Nothing will change any more."""
        ...

    def learn(self, other: Self) -> bool:
        """Take over what another look saw, if that is newer; tells whether it was."""
        ...

    def message_after(self, mark: Any) -> bytes:
        """Give what a watcher with the mark lacks, made once for all with it; None for a new one."""
        ...

    def goodbye_at(self, mark: Any) -> bytes:
        """Give the last message to a watcher who is to come again."""
        ...


T = TypeVar("T", bound=Topic)
# Brings topics up to date in one look and gives the keys of those that changed.
Look = Callable[[Sequence[T]], Awaitable[Collection[UUID]]]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often things happen.

    `interval_ms` is the least time between two messages to a watcher, `look_ms` the time between
    two looks without a hint. After `heartbeat_ms` without a change watchers are told so. A stream
    lasts `max_age_ms` at most, somewhat less for most of them, so that not all come again at once.
    """

    interval_ms: int
    look_ms: int
    heartbeat_ms: int
    max_age_ms: int


@dataclass(slots=True, eq=False)
class _Watched(Generic[T]):
    """A topic, who waits for news of it, and how often there were some."""

    topic: T
    issued_at: float
    watchers: int = 0
    issue: int = 0
    has_news: bool = False
    waiting: "list[asyncio.Future[None]]" = field(default_factory=list)


@dataclass(slots=True)
class Feed(Generic[T]):
    """Everything of one kind that is watched in this process. `run` it beside the server."""

    look: Look[T]
    rhythm: Rhythm
    watchers: int = field(default=0, init=False)
    _watched: "dict[UUID, _Watched[T]]" = field(default_factory=dict, init=False)
    _hinted: set[UUID] = field(default_factory=set, init=False)
    _stir: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _look_at: float = field(default=0.0, init=False)
    _closing: bool = field(default=False, init=False)
    _rounds_fail: bool = field(default=False, init=False)

    @property
    def topics(self) -> int:
        return len(self._watched)

    async def watch(self, topic: T, mark: Any = None) -> AsyncGenerator[bytes, None]:
        """Tell a watcher what it lacks, then each change; ends with a goodbye or a final message.

        `topic` is what was read just now. A mark that this process cannot go on from gets
        everything again.
        """
        now = asyncio.get_running_loop().time
        youth = random.uniform(_YOUNGEST_END, 1.0)  # noqa: S311 - only to spread the ends.
        ends_at = now() + self.rhythm.max_age_ms * youth / 1_000
        watched = self._join(topic)
        topic, issue = watched.topic, watched.issue
        try:
            # The topic moves on while a message is written: what counts is what it was before.
            message, told_at = topic.message_after(mark), now()
            mark, is_over = topic.mark, topic.is_final
            yield message
            while not is_over:
                while watched.issue == issue and not self._closing:
                    await self._turn(watched)
                if self._closing or now() >= ends_at:
                    yield topic.goodbye_at(mark)
                    return
                if (early_s := told_at + self.rhythm.interval_ms / 1_000 - now()) > 0:
                    await asyncio.sleep(early_s)
                message, told_at = topic.message_after(mark), now()
                issue, mark, is_over = watched.issue, topic.mark, topic.is_final
                yield message
        finally:
            self._leave(watched)

    def hint(self, key: UUID) -> None:
        """Look at a topic soon, if somebody watches it: it may have changed."""
        if key in self._watched:
            self._hinted.add(key)
            self._stir.set()

    def finish(self) -> None:
        """Let everybody go with a goodbye: the server stops."""
        self._closing = True
        for watched in self._watched.values():
            _wake(watched.waiting)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Look and tell while the context is open."""
        self._look_at = asyncio.get_running_loop().time() + self.rhythm.look_ms / 1_000
        task = asyncio.create_task(self._run(), context=Context())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _join(self, topic: T) -> "_Watched[T]":
        now = asyncio.get_running_loop().time()
        watched = self._watched.get(topic.key)
        if watched is None:
            watched = self._watched[topic.key] = _Watched(topic, issued_at=now)
            self._stir.set()
        elif watched.topic.learn(topic):
            watched.has_news = True
            self.hint(topic.key)
        watched.watchers += 1
        self.watchers += 1
        return watched

    def _leave(self, watched: "_Watched[T]") -> None:
        watched.watchers -= 1
        self.watchers -= 1
        if not watched.watchers:
            del self._watched[watched.topic.key]
            self._hinted.discard(watched.topic.key)

    async def _turn(self, watched: "_Watched[T]") -> None:
        turn = asyncio.get_running_loop().create_future()
        watched.waiting.append(turn)
        await turn

    async def _run(self) -> None:
        while True:
            try:
                await self._round()
                self._rounds_fail = False
            except Exception:  # noqa: BLE001 - whatever it is, the next round may go well.
                if not self._rounds_fail:
                    _log.exception("rounds_fail", topics=self.topics, watchers=self.watchers)
                self._rounds_fail = True
                await asyncio.sleep(self.rhythm.look_ms / 1_000)

    async def _round(self) -> None:
        """Look at what is due, and tell what changed."""
        due = await self._due()
        async with asyncio.timeout(MAX_LOOK_S):
            changed = await self.look([watched.topic for watched in due])
        await self._tell(due, changed)

    async def _due(self) -> "list[_Watched[T]]":
        """Wait until something is to be looked at."""
        now = asyncio.get_running_loop().time
        while True:
            self._stir.clear()
            if now() >= self._look_at and self._watched:
                self._look_at = now() + self.rhythm.look_ms / 1_000
                wanted: Iterable[_Watched[T]] = self._watched.values()
            else:
                wanted = [self._watched[key] for key in self._hinted]
            due = [watched for watched in wanted if self._may_tell_at(watched) <= now()]
            if due:
                self._hinted.difference_update(watched.topic.key for watched in due)
                return due
            await self._until_stirred()

    async def _until_stirred(self) -> None:
        """Sleep until the next look at all, or until a hinted topic may be told of, or a hint."""
        times = [self._may_tell_at(self._watched[key]) for key in self._hinted]
        if self._watched:
            times.append(self._look_at)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(times, default=None)):
                await self._stir.wait()

    def _may_tell_at(self, watched: "_Watched[T]") -> float:
        return watched.issued_at + _ROUND_SLACK * self.rhythm.interval_ms / 1_000

    async def _tell(self, due: "Sequence[_Watched[T]]", changed: Collection[UUID]) -> None:
        """Give turns to all who wait for what changed, or have not heard anything for long."""
        now = asyncio.get_running_loop().time()
        turns: deque[asyncio.Future[None]] = deque()
        for watched in due:
            silent_s = now - watched.issued_at
            if (
                watched.has_news
                or watched.topic.key in changed
                or silent_s >= self.rhythm.heartbeat_ms / 1_000
            ):
                watched.issue += 1
                watched.issued_at = now
                watched.has_news = False
                turns.extend(watched.waiting)
                watched.waiting = []
        while turns:
            _wake([turns.popleft() for _ in range(min(WATCHERS_PER_SLICE, len(turns)))])
            if turns:
                await asyncio.sleep(SLICE_PAUSE_S)


def _wake(turns: "Iterable[asyncio.Future[None]]") -> None:
    for turn in turns:
        if not turn.done():
            turn.set_result(None)
