"""The one SQLAlchemy engine of a process, and its connections as the driver sees them."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

MAX_PREPARED_STATEMENTS = 200
COMMAND_MARGIN_MS = 2_000


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """How much of the database one process may take, and how long anything may last."""

    pool_size: int = 16
    pool_timeout_ms: int = 2_000
    connect_timeout_ms: int = 3_000
    statement_timeout_ms: int = 10_000
    lock_timeout_ms: int = 3_000
    idle_in_transaction_timeout_ms: int = 10_000


@dataclass(frozen=True, slots=True)
class _Connect:
    """Connects when awaited; made and not awaited it is nothing, unlike a coroutine."""

    arguments: dict[str, Any]

    def __await__(self) -> Generator[Any, Any, Any]:
        return asyncpg.connect(**self.arguments).__await__()


def create_engine(
    url: str, *, application_name: str, limits: EngineLimits | None = None
) -> AsyncEngine:
    """Make an engine on asyncpg for ``postgresql://role:password@host:port/database``.

    Connections are in autocommit as SQLAlchemy sees it: `Database.transaction` says BEGIN and
    COMMIT itself, so that SQLAlchemy statements and driver statements share one transaction.
    The pool never grows beyond `pool_size` and hands out the connection used last, whose
    statements are prepared and warm.
    """
    limits = limits or EngineLimits()
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=limits.pool_size,
        max_overflow=0,
        pool_timeout=limits.pool_timeout_ms / 1_000,
        pool_use_lifo=True,
        # `PooledConnection.give_back` hangs up on what is still in a transaction.
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        connect_args=_connect_arguments(application_name, limits),
    )


def _connect_arguments(application_name: str, limits: EngineLimits) -> dict[str, Any]:
    return {
        "async_creator_fn": lambda *_, **arguments: _Connect(arguments),
        "timeout": limits.connect_timeout_ms / 1_000,
        # For a server that no longer answers at all: later than its own time limit.
        "command_timeout": (limits.statement_timeout_ms + COMMAND_MARGIN_MS) / 1_000,
        # Prepared once per connection and kept: the statements of a service are few and fixed.
        "statement_cache_size": MAX_PREPARED_STATEMENTS,
        "max_cached_statement_lifetime": 0,
        "prepared_statement_cache_size": MAX_PREPARED_STATEMENTS,
        "server_settings": {
            "application_name": application_name,
            "statement_timeout": str(limits.statement_timeout_ms),
            "lock_timeout": str(limits.lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(limits.idle_in_transaction_timeout_ms),
            "jit": "off",
            # Statements are few, fixed and by key: planned once for each connection, with indexes
            # even for tables that were still empty then.
            "plan_cache_mode": "force_generic_plan",
            "random_page_cost": "1.1",
            "timezone": "UTC",
        },
    }
