"""Takes driver connections out of SQLAlchemy's pool and puts them back, cheaply."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from asyncpg import Connection
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import Pool, PoolProxiedConnection, QueuePool
from sqlalchemy.util import greenlet_spawn

_T = TypeVar("_T")


@dataclass(slots=True)
class PooledConnection:
    """A connection while it is in use: the pool's proxy and the driver's own object."""

    proxy: PoolProxiedConnection
    driver: "Connection[Any]"
    shelf: "_Shelf"

    async def give_back(self) -> None:
        """Hand a healthy connection to who waits for one, or keep it at hand; close any other."""
        if self.driver.is_closed() or self.driver.is_in_transaction():
            # The proxy forgets the connection first; what is left can then only be hung up on.
            self.proxy.detach()
            self.driver.terminate()
            self.shelf.hand_on(None)
        elif not self.shelf.hand_on(self):
            self.shelf.at_hand.append(self)


@dataclass(slots=True)
class _Shelf:
    """Connections that stay checked out between two uses: the pool's ways cost a tenth of a call.

    No more than the pool gives out. Who waits for one gets it in the order of coming; the pool's
    own queue lets others overtake them, for seconds when there is much to do.
    """

    at_hand: list[PooledConnection] = field(default_factory=list)
    waiting: "deque[asyncio.Future[PooledConnection | None]]" = field(default_factory=deque)

    def hand_on(self, pooled: PooledConnection | None) -> bool:
        """Give it to who waits longest; None: there is room for another. False: nobody waits."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(pooled)
                return True
        return False

    async def wait(self, timeout_s: float) -> PooledConnection | None:
        """Wait for one's turn; raises the pool's TimeoutError."""
        turn: asyncio.Future[PooledConnection | None] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        try:
            async with asyncio.timeout(timeout_s):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                # It came at the last moment: the next one's.
                if (pooled := turn.result()) is None:
                    self.hand_on(None)
                else:
                    await pooled.give_back()
            if isinstance(error, TimeoutError):
                raise PoolTimeoutError("no connection in time") from error
            raise


_shelves: "WeakKeyDictionary[Pool, _Shelf]" = WeakKeyDictionary()


async def take_connection(engine: AsyncEngine) -> PooledConnection:
    """Take the connection that was used last, or another one; waits at most the pool's timeout.

    Only connecting needs SQLAlchemy's greenlet, which costs more CPU than all the rest.
    Connections that died while idle are replaced.
    """
    pool = cast("QueuePool", engine.sync_engine.pool)
    shelf = _shelves.get(pool) or _shelves.setdefault(pool, _Shelf())
    while True:
        if shelf.at_hand:
            pooled: PooledConnection | None = shelf.at_hand.pop()
        elif pool.checkedout() >= pool.size():
            pooled = await shelf.wait(pool.timeout())
        else:
            pooled = await _check_out(pool, shelf)
        if pooled is not None and not pooled.driver.is_closed():
            return pooled
        if pooled is not None:
            pooled.proxy.invalidate()


async def _check_out(pool: QueuePool, shelf: _Shelf) -> PooledConnection:
    try:
        proxy = await greenlet_spawn(pool.connect)
    except BaseException:
        shelf.hand_on(None)
        raise
    return PooledConnection(proxy, cast("Connection[Any]", proxy.driver_connection), shelf)


async def close_all(engine: AsyncEngine) -> None:
    """Close all connections that nobody uses."""
    shelf = _shelves.pop(engine.sync_engine.pool, None)
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
