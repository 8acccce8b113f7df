"""Brings a service's database to the newest revision: alembic, then the clock, then the grants."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from services.common.db.errors import sqlstate_of
from services.common.db.grants import grant_to_application
from services.common.db.schema import APPEND_ONLY_TABLES, statements_of
from services.common.logging import get_logger

LOCK_TIMEOUT_MS = 3_000
MAX_ATTEMPTS = 20
RETRY_WAIT_MS = 500
# Any number, the same for all runs against one database.
_ADVISORY_LOCK = 7_225_111

_LOCK_NOT_AVAILABLE = "55P03"
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What to migrate: `folder` holds the service's env.py and versions/.

    `owner_url` is the role that owns the tables, `application_role` the one that works with them.
    `append_only` names tables of which the application may only read and add rows.
    """

    owner_url: str
    application_role: str
    folder: Path
    append_only: Sequence[str] = ()
    test_clock: bool = False


def migrate(plan: MigrationPlan, *, revision: str = "head") -> None:
    """Bring the database to a revision. Safe to run twice and at the same time: one waits."""
    asyncio.run(migrate_async(plan, revision=revision))


async def migrate_async(plan: MigrationPlan, *, revision: str = "head") -> None:
    """Do what `migrate` does, inside a running loop."""
    engine = create_async_engine(
        make_url(plan.owner_url).set(drivername="postgresql+asyncpg"),
        poolclass=pool.NullPool,
        connect_args={"server_settings": {"lock_timeout": str(LOCK_TIMEOUT_MS)}},
    )
    try:
        async with engine.connect() as lock_holder:
            await lock_holder.execution_options(isolation_level="AUTOCOMMIT")
            await _take_advisory_lock(lock_holder)
            async with engine.connect() as connection:
                await _with_lock_retries(connection, plan, revision)
    finally:
        await engine.dispose()


async def _take_advisory_lock(connection: AsyncConnection) -> None:
    await connection.execute(text("SET lock_timeout = 0"))
    await connection.execute(text(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})"))


async def _with_lock_retries(
    connection: AsyncConnection, plan: MigrationPlan, revision: str
) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            await connection.run_sync(_run, plan, revision)
            await connection.commit()
        except DBAPIError as error:
            await connection.rollback()
            if sqlstate_of(error) != _LOCK_NOT_AVAILABLE or attempt == MAX_ATTEMPTS:
                raise
            _log.warning("migration_waits_for_lock", attempt=attempt)
            await asyncio.sleep(RETRY_WAIT_MS / 1_000)
        else:
            return


def _run(connection: Connection, plan: MigrationPlan, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - no other process is to load alembic
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(plan.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, "base")
        return
    command.upgrade(config, revision)
    _set_clock(connection, test_clock=plan.test_clock)
    grant_to_application(
        connection, plan.application_role, (*APPEND_ONLY_TABLES, *plan.append_only)
    )


def _set_clock(connection: Connection, *, test_clock: bool) -> None:
    for statement in statements_of("test_clock.sql" if test_clock else "clock.sql"):
        connection.execute(text(statement))
    if not test_clock:
        connection.execute(text("DROP TABLE IF EXISTS app_clock_offset"))


def run_env() -> None:
    """Run the migrations on the connection that `migrate` opened: all of a service's env.py."""
    from alembic import context  # noqa: PLC0415 - as above

    connection = context.config.attributes["connection"]
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
