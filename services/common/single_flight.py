"""Doing the same thing once when many ask for it at the same time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class SingleFlight(Generic[T]):
    """Runs work once per key; whoever asks meanwhile gets the same result or the same error.

    The work is nobody's: it goes on when the one who began it is cancelled, and knows no call.
    """

    _running: "dict[Hashable, asyncio.Task[T]]" = field(default_factory=dict)

    async def run(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        task = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_as_coroutine(work), context=Context())
            self._running[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def _forget(self, key: Hashable, task: "asyncio.Task[Any]") -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # Seen, also when everybody who asked has gone.


@dataclass(slots=True)
class KeyedLocks:
    """One lock per key, kept as long as somebody holds it or waits for it."""

    _locks: "dict[Hashable, _CountedLock]" = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the key's lock; first come, first served."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = _CountedLock()
        lock.users += 1
        try:
            async with lock.lock:
                yield
        finally:
            lock.users -= 1
            if lock.users == 0:
                self._locks.pop(key, None)


@dataclass(slots=True)
class _CountedLock:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


async def _as_coroutine(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
