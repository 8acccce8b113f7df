"""Bad input meets the whole running suite; what it must not touch is looked at before and after."""

from collections.abc import AsyncIterator, Iterator, Mapping

import grpc
import pytest

from deploy.demo.attach import stage_of
from deploy.demo.stage import Stage
from tests.kit.methods import all_methods
from tests.kit.rows import changed, read_rows
from tests.kit.scene import Scene
from tests.kit.suite import Suite
from tests.kit.valid_request import Valid
from tests.kit.valid_requests import has_builder, valid_request

CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
)


@pytest.fixture(scope="session")
def prepared(suite: Suite) -> Mapping[str, Valid]:
    """A valid request for each method, by its name; whoever spoils them must be refused."""
    return suite.run(_prepare(suite))


@pytest.fixture(scope="session")
def guest_session(prepared: Mapping[str, Valid]) -> tuple[tuple[str, str], ...]:
    """The metadata of a guest's own session."""
    return prepared["booking.HoldSeats"].caller


@pytest.fixture
def scene(suite: Suite, stage: Stage) -> Scene:
    """Fresh things, for calls that may well succeed."""
    return Scene(stage, suite.record)


@pytest.fixture
async def channels(suite: Suite) -> AsyncIterator[Mapping[str, grpc.aio.Channel]]:
    """Plain channels to each server, without retries."""
    opened = {
        method.server: grpc.aio.insecure_channel(
            suite.record.addresses[method.server], options=CHANNEL_OPTIONS
        )
        for method in all_methods()
    }
    yield opened
    for channel in opened.values():
        await channel.close()


@pytest.fixture
async def unharmed(suite: Suite) -> AsyncIterator[None]:
    """Everything that money, seats and places consist of is the same after the test."""
    before = await read_rows(suite.owner_urls)
    yield
    after = await read_rows(suite.owner_urls)
    assert not changed(before, after)


@pytest.fixture(scope="module")
def unharmed_by_all(suite: Suite, prepared: Mapping[str, Valid]) -> Iterator[None]:
    """The same as `unharmed`, for all tests of a module together."""
    before = suite.run(read_rows(suite.owner_urls))
    yield
    after = suite.run(read_rows(suite.owner_urls))
    assert not changed(before, after)


async def _prepare(suite: Suite) -> dict[str, Valid]:
    async with stage_of(suite.record) as stage:
        scene = Scene(stage, suite.record)
        return {
            method.name: await valid_request(method, scene)
            for method in all_methods()
            if has_builder(method)
        }
