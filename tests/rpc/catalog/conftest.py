from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.databases import ServiceDatabase
from tests.kit.catalog import Catalog, catalog_server

NO_DATABASE = ServiceDatabase(
    service="catalog",
    app_url="postgresql://catalog:catalog@127.0.0.1:9/catalog",
    owner_url="",
    admin_url="",
)


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    """Catalog without its database: what is refused here never got so far."""
    async with catalog_server(NO_DATABASE, tmp_path / "keys") as running:
        yield running
