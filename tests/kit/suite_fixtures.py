"""Fixtures of the running suite, for tests/e2e and tests/faults; mark those tests
`pytest.mark.xdist_group("stack")`, so that one worker runs them all on one suite."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cinema.catalog.v1 import screening_pb2

from deploy.demo.attach import clock_of, stage_of
from deploy.demo.house import House
from deploy.demo.stage import Stage
from deploy.local.clock import TestClock
from tests.kit.suite import Suite, running_suite

SOLD_AHEAD = timedelta(hours=3)
_number_of_next_screening = itertools.count()


@pytest.fixture(scope="session")
def suite() -> Iterator[Suite]:
    """The whole suite, started once for the run; tests leave all its parts running."""
    with (
        tempfile.TemporaryDirectory(prefix="parterre-suite-", ignore_cleanup_errors=True) as state,
        running_suite(Path(state) / "state") as running,
    ):
        yield running


@pytest.fixture
async def stage(suite: Suite) -> AsyncIterator[Stage]:
    """Channels to the suite's public calls."""
    async with stage_of(suite.record) as opened:
        yield opened


@pytest.fixture
def house(stage: Stage) -> House:
    """The cinema's side: screenings, free seats, cards, stopping a show."""
    return House(stage)


@pytest.fixture
async def clock(suite: Suite) -> AsyncIterator[TestClock]:
    """The suite's test clock; put back after the test."""
    test_clock = clock_of(suite.record)
    offset = await test_clock.offset()
    yield test_clock
    await test_clock.set(offset)


@pytest.fixture
async def screening(suite: Suite, house: House) -> screening_pb2.Screening:
    """A screening on sale, some hours ahead, and another one for each test while they last."""
    now = await clock_of(suite.record).now()
    upcoming = await house.upcoming(now, after=SOLD_AHEAD)
    return upcoming[next(_number_of_next_screening) % len(upcoming)]
