"""A service's database: transactions, repeated ones, and single statements without ceremony."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncEngine

from services.common.db.errors import TransactionConflictError, database_errors
from services.common.db.idempotency import RequestStore
from services.common.db.outbox import TraceSource, no_trace
from services.common.db.pool import close_all, take_connection
from services.common.db.transaction import AfterCommit, Note, Transaction, TransactionScope, unheard
from services.common.logging import get_logger

if TYPE_CHECKING:
    from asyncpg import Connection

_T = TypeVar("_T")
_log = get_logger(__name__)

FIRST_RETRY_WAIT_MS = 10


@dataclass(slots=True)
class Database:
    """One per process. `wake_relay` is called after each commit of events that are awaited.

    `note` is told the IDs of things that changed, for whoever watches them.
    """

    engine: AsyncEngine
    trace: TraceSource = no_trace
    wake_relay: AfterCommit | None = None
    max_transaction_attempts: int = 3
    note: Note = unheard

    def transaction(self) -> TransactionScope:
        """Begin a transaction: `async with db.transaction() as tx: ...; await tx.commit()`."""
        return TransactionScope(self.engine, self.trace, self.wake_relay, self.note)

    async def run_with_retry(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Run work that opens its own transactions; repeat it after a conflict (40001, 40P01).

        At most `max_transaction_attempts` times with jitter in between, then CONCURRENT_CHANGE.
        """
        for attempt in range(1, self.max_transaction_attempts):
            try:
                return await work()
            except TransactionConflictError as conflict:
                _log.info("transaction_retried", attempt=attempt, cause=repr(conflict.__cause__))
                wait_ms = FIRST_RETRY_WAIT_MS * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311
                await asyncio.sleep(wait_ms / 1_000)
        return await work()

    async def in_transaction(self, work: Callable[[Transaction], Awaitable[_T]]) -> _T:
        """Run work in a transaction of its own and commit; repeated as by `run_with_retry`."""

        async def attempt() -> _T:
            async with self.transaction() as tx:
                result = await work(tx)
                await tx.commit()
            return result

        return await self.run_with_retry(attempt)

    @asynccontextmanager
    async def driver(self) -> "AsyncIterator[Connection[Any]]":
        """Lend a driver connection in autocommit, for several single statements."""
        with database_errors():
            pooled = await take_connection(self.engine)
            try:
                yield pooled.driver
            finally:
                await pooled.give_back()

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None:
        """Run one statement as its own transaction and give its first row."""
        with database_errors():
            pooled = await take_connection(self.engine)
            try:
                return await pooled.driver.fetchrow(query, *args)
            finally:
                await pooled.give_back()

    async def fetch(self, query: str, /, *args: Any) -> list[Record]:
        """Run one statement as its own transaction and give all its rows."""
        with database_errors():
            pooled = await take_connection(self.engine)
            try:
                return await pooled.driver.fetch(query, *args)
            finally:
                await pooled.give_back()

    async def fetchval(self, query: str, /, *args: Any) -> Any:
        """Run one statement as its own transaction and give the first value of its first row."""
        row = await self.fetchrow(query, *args)
        return None if row is None else row[0]

    async def execute(self, query: str, /, *args: Any) -> str:
        """Run one statement as its own transaction and give its tag, such as `UPDATE 1`."""
        with database_errors():
            pooled = await take_connection(self.engine)
            try:
                return await pooled.driver.execute(query, *args)
            finally:
                await pooled.give_back()

    @property
    def requests(self) -> RequestStore:
        """The requests without a transaction: for `replay` after a hot path's own statement."""
        return RequestStore(self)

    async def ping(self) -> None:
        """Ask the database for an answer; for readiness."""
        await self.fetchval("SELECT 1")

    async def close(self) -> None:
        """Close all connections."""
        await close_all(self.engine)
