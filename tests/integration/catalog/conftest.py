from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.databases import ServiceDatabase
from tests.kit.catalog import Catalog, catalog_server, migrate_catalog
from tests.kit.databases import DatabaseFactory


@pytest.fixture
def catalog_database(databases: DatabaseFactory) -> ServiceDatabase:
    return databases.create("catalog", migrate_catalog)


@pytest.fixture
async def catalog(catalog_database: ServiceDatabase, tmp_path: Path) -> AsyncIterator[Catalog]:
    async with catalog_server(catalog_database, tmp_path / "keys") as running:
        yield running
