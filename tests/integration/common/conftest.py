"""Two small services to test the chassis with: one that tells, one that listens."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.common.bus.connection import BusConnection
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from services.common.db.migrations import MigrationPlan, migrate_async
from tests.integration.common.parts import Sender, background
from tests.kit.databases import DatabaseFactory

FOLDER = Path(__file__).parent / "sample_migrations"


async def migrate_sample(database: ServiceDatabase) -> None:
    await migrate_async(plan_of(database))


def plan_of(database: ServiceDatabase, *, test_clock: bool = False) -> MigrationPlan:
    return MigrationPlan(database.owner_url, database.service, FOLDER, test_clock=test_clock)


@asynccontextmanager
async def opened(
    database: ServiceDatabase, pool_size: int = 8, pool_timeout_ms: int = 5_000
) -> AsyncIterator[Database]:
    limits = EngineLimits(
        pool_size=pool_size, pool_timeout_ms=pool_timeout_ms, lock_timeout_ms=5_000
    )
    db = Database(create_engine(database.app_url, application_name="test", limits=limits))
    try:
        yield db
    finally:
        await db.close()


@pytest.fixture
def source_database(databases: DatabaseFactory) -> ServiceDatabase:
    return databases.create("booking", migrate_sample)


@pytest.fixture
async def db(source_database: ServiceDatabase) -> AsyncIterator[Database]:
    """The database of the service that tells."""
    async with opened(source_database) as database:
        yield database


@pytest.fixture
async def admin(
    source_database: ServiceDatabase,
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """The superuser in the telling service's database, for what no service may do."""
    name = source_database.app_url.rpartition("/")[2]
    connection = await asyncpg.connect(source_database.admin_url.rpartition("/")[0] + f"/{name}")
    yield connection
    await connection.close()


@pytest.fixture
async def listener_db(databases: DatabaseFactory) -> AsyncIterator[Database]:
    """The database of the service that listens."""
    async with opened(databases.create("payment", migrate_sample)) as database:
        yield database


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as exit_stack:
        yield exit_stack


@pytest.fixture
async def bus(nats_url: Callable[[str], str], stack: AsyncExitStack) -> BusConnection:
    """The telling service's connection."""
    connection = BusConnection(nats_url("booking"), "booking")
    stack.push_async_callback(connection.close)
    await stack.enter_async_context(background(connection.run))
    return connection


@pytest.fixture
async def listener_bus(nats_url: Callable[[str], str], stack: AsyncExitStack) -> BusConnection:
    """The listening service's connection."""
    connection = BusConnection(nats_url("payment"), "payment")
    stack.push_async_callback(connection.close)
    await stack.enter_async_context(background(connection.run))
    return connection


@pytest.fixture
def sender(db: Database) -> Sender:
    return Sender(db)
