"""Bad input meets the whole running suite; what it must not touch is looked at before and after."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import pytest
import pytest_asyncio

from deploy.demo.attach import stage_of
from tests.kit.answers import Line
from tests.kit.methods import SERVERS, Method, all_methods
from tests.kit.rows import RowReader, Rows, changed
from tests.kit.scene import Scene
from tests.kit.suite import Suite
from tests.kit.valid_request import Valid
from tests.kit.valid_requests import has_builder, valid_request

Lines = Mapping[str, Line]
Usable = Callable[[Method], Awaitable[Valid]]


@pytest.fixture(scope="session")
def prepared(suite: Suite) -> Mapping[str, Valid]:
    """A valid request for each method, by its name; whoever spoils them must be refused."""
    return suite.run(_prepare(suite))


@pytest.fixture(scope="session")
def guest_session(prepared: Mapping[str, Valid]) -> tuple[tuple[str, str], ...]:
    """The metadata of a guest's own session."""
    return prepared["booking.BookingService.HoldSeats"].caller


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def usable(suite: Suite, prepared: Mapping[str, Valid]) -> AsyncIterator[Usable]:
    """Gives a valid request that may well succeed: of fresh things, where it changes something."""
    async with stage_of(suite.record) as stage:

        async def find(method: Method) -> Valid:
            if not method.is_write:
                return prepared[method.name]
            return await valid_request(method, Scene(stage, suite.record))

        yield find


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def lines(suite: Suite) -> AsyncIterator[Lines]:
    """Plain channels to each server."""
    opened = {server: Line(suite.record.addresses[server]) for server in SERVERS}
    yield opened
    for line in opened.values():
        await line.close()


@pytest.fixture(scope="session")
def row_reader(suite: Suite) -> Iterator[RowReader]:
    """Reads the rows that refused input must not change, on the suite's own loop."""
    reader = suite.run(RowReader.open(suite.owner_urls))
    yield reader
    suite.run(reader.close())


@pytest.fixture(scope="module")
def rows_of_module(
    suite: Suite, row_reader: RowReader, prepared: Mapping[str, Valid]
) -> list[Rows]:
    """What money, seats and places consist of before the module; the last one is the present."""
    return [suite.run(row_reader.read_when_quiet())]


@pytest.fixture(scope="module")
def unharmed_by_all(
    suite: Suite, row_reader: RowReader, rows_of_module: list[Rows]
) -> Iterator[None]:
    """What money, seats and places consist of is the same after all tests of the module."""
    yield
    after = suite.run(row_reader.read())
    assert not changed(rows_of_module[0], after)


@pytest.fixture
def unharmed(
    suite: Suite, row_reader: RowReader, rows_of_module: list[Rows], unharmed_by_all: None
) -> Iterator[None]:
    """The same for one test, in a module where nothing may succeed: so since the test before."""
    before = rows_of_module[-1]
    yield
    after = suite.run(row_reader.read())
    rows_of_module[1:] = [after]
    assert not changed(before, after)


async def _prepare(suite: Suite) -> dict[str, Valid]:
    async with stage_of(suite.record) as stage:
        scene = Scene(stage, suite.record)
        return {
            method.name: await valid_request(method, scene)
            for method in all_methods()
            if has_builder(method)
        }
