"""Transactions: rolled back unless committed, and committed for certain once begun to commit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.common.db.audit import Audit
from services.common.db.errors import database_errors, translated
from services.common.db.idempotency import RequestStore
from services.common.db.outbox import Outbox, TraceSource, no_trace
from services.common.db.pool import PooledConnection, finish, take_connection
from services.common.logging import get_logger

if TYPE_CHECKING:
    from asyncpg import Connection

AfterCommit = Callable[[], None]
# Hears the ID of a thing that changed, for whoever watches it.
Note = Callable[[UUID], None]

# Bounds for a server that no longer answers; neither waits while the server works.
COMMIT_TIMEOUT_MS = 10_000
ROLLBACK_TIMEOUT_MS = 2_000

_log = get_logger(__name__)


def unheard(key: UUID) -> None:
    """Tell nobody."""
    del key


@dataclass(slots=True)
class Transaction:
    """One READ COMMITTED transaction on one connection.

    `driver` is the asyncpg connection, for visible statements; `connection` is the same one
    through SQLAlchemy, for Core. Statements of both belong to the transaction.
    """

    engine: AsyncEngine
    pooled: PooledConnection
    trace: TraceSource
    note: Note = unheard
    outbox: Outbox = field(init=False)
    requests: RequestStore = field(init=False)
    audit: Audit = field(init=False)
    _after_commit: list[AfterCommit] = field(default_factory=list)
    _connection: AsyncConnection | None = None

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.driver, self.trace)
        self.requests = RequestStore(self.driver)
        self.audit = Audit(self.driver)

    @property
    def driver(self) -> "Connection[Any]":
        return self.pooled.driver

    @property
    def connection(self) -> AsyncConnection:
        if self._connection is None:
            sync_connection = SyncConnection(self.engine.sync_engine, connection=self.pooled.proxy)
            self._connection = AsyncConnection(self.engine, sync_connection)
        return self._connection

    def after_commit(self, callback: AfterCommit) -> None:
        """Call back once committed: best effort, at once, never awaited; for waking others up."""
        self._after_commit.append(callback)

    def changed(self, key: UUID) -> None:
        """Hint, once committed, that the thing with this ID is not what it was: best effort."""
        self.after_commit(partial(self.note, key))

    async def commit(self) -> None:
        """Commit, even when the caller is cancelled meanwhile.

        When the connection breaks in the middle, the outcome is unknown: the
        DependencyUnavailableError then means "repeat with the same request ID".
        """
        await finish(self._commit())

    async def _commit(self) -> None:
        with database_errors():
            answer = await self.driver.execute("COMMIT", timeout=COMMIT_TIMEOUT_MS / 1_000)
        if answer != "COMMIT":  # A failed statement was swallowed: PostgreSQL rolled back.
            raise RuntimeError("The transaction had failed before its commit.")
        for callback in self._after_commit:
            try:
                callback()
            except Exception:  # noqa: BLE001 - the work is committed, whatever a wake-up says.
                _log.exception("after_commit_failed")

    async def rollback(self) -> None:
        """Roll back; what cannot be rolled back is hung up on, which rolls back too."""
        if self.driver.is_in_transaction() and not self.driver.is_closed():
            try:
                await self.driver.execute("ROLLBACK", timeout=ROLLBACK_TIMEOUT_MS / 1_000)
            except Exception:  # noqa: BLE001 - whatever it is, the connection is not used again.
                self.driver.terminate()


@dataclass(slots=True)
class TransactionScope:
    """`async with`: takes a connection and begins; rolls back unless committed; gives it back."""

    engine: AsyncEngine
    trace: TraceSource = no_trace
    wake_relay: AfterCommit | None = None
    note: Note = unheard
    _tx: Transaction | None = None

    async def __aenter__(self) -> Transaction:
        with database_errors():
            pooled = await take_connection(self.engine)
            try:
                await pooled.driver.execute("BEGIN")
            except BaseException:
                pooled.driver.terminate()
                await pooled.give_back()
                raise
        self._tx = Transaction(self.engine, pooled, self.trace, self.note)
        if self.wake_relay is not None:
            self._tx.after_commit(self._wake_if_awaited)
        return self._tx

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        tx = self._tx
        if tx is None:
            return
        await finish(self._end(tx))
        refusal = translated(error) if isinstance(error, Exception) else None
        if refusal is not None:
            raise refusal from error

    def _wake_if_awaited(self) -> None:
        if self._tx is not None and self._tx.outbox.awaited and self.wake_relay is not None:
            self.wake_relay()

    async def _end(self, tx: Transaction) -> None:
        if tx.driver.is_in_transaction():
            await tx.rollback()
        await tx.pooled.give_back()
