"""Doing the same thing once when many ask for it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager
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

    _locks: "dict[Hashable, _KeyedLock]" = field(default_factory=dict)

    def of(self, key: Hashable) -> "AbstractAsyncContextManager[None]":
        """Hold the key's lock while the context is open; first come, first served."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = _KeyedLock(self._locks, key)
        lock.users += 1
        return lock


class _KeyedLock(AbstractAsyncContextManager[None]):
    """A lock that counts who was promised it, and goes with the last of them."""

    __slots__ = ("_key", "_lock", "_locks", "users")

    def __init__(self, locks: "dict[Hashable, _KeyedLock]", key: Hashable) -> None:
        self._locks = locks
        self._key = key
        self._lock = asyncio.Lock()
        self.users = 0

    async def __aenter__(self) -> None:
        try:
            await self._lock.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *error: object) -> None:
        self._lock.release()
        self._leave()

    def _leave(self) -> None:
        self.users -= 1
        if self.users == 0:
            del self._locks[self._key]


async def _as_coroutine(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
