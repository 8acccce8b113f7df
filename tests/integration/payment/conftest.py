from collections.abc import AsyncIterator

import pytest

from deploy.local.databases import ServiceDatabase
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from services.common.db.migrations import MigrationPlan, migrate_async
from services.payment.migrations import APPEND_ONLY_TABLES, FOLDER
from tests.integration.payment.shop import Shop
from tests.kit.databases import DatabaseFactory


async def migrate_payment(database: ServiceDatabase) -> None:
    await migrate_async(
        MigrationPlan(
            database.owner_url, database.service, FOLDER, APPEND_ONLY_TABLES, test_clock=True
        )
    )


@pytest.fixture(scope="module")
def service_database(databases: DatabaseFactory) -> ServiceDatabase:
    """One database for the module: its tests tell their payments apart by reference."""
    return databases.create("payment", migrate_payment)


@pytest.fixture
async def database(service_database: ServiceDatabase) -> AsyncIterator[Database]:
    limits = EngineLimits(pool_size=8, pool_timeout_ms=5_000, lock_timeout_ms=5_000)
    opened = Database(
        create_engine(service_database.app_url, application_name="test", limits=limits)
    )
    yield opened
    await opened.close()


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    shop = Shop(database)
    yield shop
    await shop.background.close()
