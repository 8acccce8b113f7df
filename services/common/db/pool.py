"""Takes driver connections out of SQLAlchemy's pool and puts them back, cheaply."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from asyncpg import Connection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

_T = TypeVar("_T")


@dataclass(slots=True)
class PooledConnection:
    """A connection while it is in use: the pool's proxy and the driver's own object."""

    proxy: PoolProxiedConnection
    driver: "Connection[Any]"
    shelf: "_Shelf"

    async def give_back(self) -> None:
        """Put a healthy connection back where it is found again, and close any other."""
        if self.driver.is_closed() or self.driver.is_in_transaction():
            # The proxy forgets the connection first; what is left can then only be hung up on.
            self.proxy.detach()
            self.driver.terminate()
        elif self.shelf.waiting:
            self.proxy.close()
        else:
            self.shelf.at_hand.append(self)


@dataclass(slots=True)
class _Shelf:
    """Connections that stay checked out between two uses: the pool's ways cost a tenth of a call.

    No more than the pool gives out. While somebody waits for one they go through the pool, which
    gives it to who came first.
    """

    at_hand: list[PooledConnection] = field(default_factory=list)
    waiting: int = 0


_shelves: "WeakKeyDictionary[AsyncEngine, _Shelf]" = WeakKeyDictionary()


async def take_connection(engine: AsyncEngine) -> PooledConnection:
    """Take the connection that was used last, or another one; waits at most the pool's timeout.

    Only connecting and waiting need SQLAlchemy's greenlet, which costs more CPU than all the rest.
    Connections that died while idle are replaced.
    """
    shelf = _shelves.get(engine) or _shelves.setdefault(engine, _Shelf())
    while shelf.at_hand:
        pooled = shelf.at_hand.pop()
        if not pooled.driver.is_closed():
            return pooled
        pooled.proxy.invalidate()
    while True:
        proxy = await _check_out(engine, shelf)
        driver = cast("Connection[Any]", proxy.driver_connection)
        if not driver.is_closed():
            return PooledConnection(proxy, driver, shelf)
        proxy.invalidate()


async def _check_out(engine: AsyncEngine, shelf: _Shelf) -> PoolProxiedConnection:
    try:
        return engine.sync_engine.pool.connect()
    except MissingGreenlet:
        shelf.waiting += 1
        try:
            return await greenlet_spawn(engine.sync_engine.pool.connect)
        finally:
            shelf.waiting -= 1


async def close_all(engine: AsyncEngine) -> None:
    """Close all connections that nobody uses."""
    shelf = _shelves.pop(engine, None)
    for pooled in shelf.at_hand if shelf else ():
        pooled.proxy.close()
    await engine.dispose()


async def finish(work: Coroutine[Any, Any, _T]) -> _T:
    """Run to the end even when the caller is cancelled meanwhile, then let it be cancelled."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except BaseException:  # noqa: BLE001 - read from the task below.
            break
    if cancelled is not None:
        task.exception()
        raise cancelled
    return task.result()
