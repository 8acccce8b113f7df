from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kit.databases import DatabaseFactory
from tests.kit.wallet_server import Wallet, a_wallet, migrate_wallet


@pytest.fixture
async def wallet(databases: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Wallet]:
    database = databases.create("wallet", migrate_wallet)
    async with a_wallet(database, tmp_path) as running:
        yield running
