"""One throw-away suite for each module that kills or breaks something."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.suite import Suite, a_suite


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    async with a_suite(tmp_path_factory.mktemp("suite") / "state") as running:
        yield running
