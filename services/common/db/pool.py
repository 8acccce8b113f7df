"""Takes driver connections out of SQLAlchemy's pool and puts them back, cheaply."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from asyncpg import Connection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

_T = TypeVar("_T")


@dataclass(slots=True)
class PooledConnection:
    """A connection while it is checked out: the pool's proxy and the driver's own object."""

    proxy: PoolProxiedConnection
    driver: "Connection[Any]"

    async def give_back(self) -> None:
        """Return a healthy connection to the pool and close any other, whatever happens."""
        if self.driver.is_closed() or self.driver.is_in_transaction():
            # The proxy forgets the connection first; what is left can then only be hung up on.
            self.proxy.detach()
            self.driver.terminate()
            return
        self.proxy.close()


async def take_connection(engine: AsyncEngine) -> PooledConnection:
    """Check a connection out; waits at most the pool's timeout.

    An idle connection is there at once; only connecting and waiting need SQLAlchemy's greenlet,
    which costs more CPU than the check-out itself. Connections that died while idle are replaced.
    """
    while True:
        try:
            proxy = engine.sync_engine.pool.connect()
        except MissingGreenlet:
            proxy = await greenlet_spawn(engine.sync_engine.pool.connect)
        driver = cast("Connection[Any]", proxy.driver_connection)
        if not driver.is_closed():
            return PooledConnection(proxy, driver)
        proxy.invalidate()


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
