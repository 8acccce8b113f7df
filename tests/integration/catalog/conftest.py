from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.databases import ServiceDatabase
from tests.integration.catalog.feeds import NOW
from tests.kit.catalog import Catalog, catalog_server, migrate_catalog
from tests.kit.databases import DatabaseFactory
from tests.kit.fake_booking import FakeBooking, fake_booking
from tests.kit.servers import SharedServers


@pytest.fixture
def catalog_database(databases: DatabaseFactory) -> ServiceDatabase:
    return databases.create("catalog", migrate_catalog)


@pytest.fixture
async def booking() -> AsyncIterator[FakeBooking]:
    async with fake_booking() as running:
        yield running


@pytest.fixture
async def catalog(
    catalog_database: ServiceDatabase, servers: SharedServers, booking: FakeBooking, tmp_path: Path
) -> AsyncIterator[Catalog]:
    nats_url = servers.nats_url("catalog")
    async with catalog_server(
        catalog_database, tmp_path / "keys", nats_url=nats_url, booking_address=booking.address
    ) as running:
        await running.set_clock(NOW)
        yield running
