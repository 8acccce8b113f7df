"""The load generator: it must not flatter what it measures."""

import asyncio
import time

import pytest

from tests.load.generator.drivers import Burst, ClosedLoop, OpenLoop
from tests.load.generator.journey import NothingLeftError
from tests.load.generator.sample import OK, Sample, merged, percentile


class Answers:
    """Takes so long for each arrival; `size` arrivals are prepared."""

    def __init__(self, seconds=0.0, size=10_000, outcome=OK):
        self.seconds = seconds
        self.size = size
        self.outcome = outcome
        self.kept = []

    async def __call__(self, number):
        if number >= self.size:
            raise NothingLeftError
        await asyncio.sleep(self.seconds)
        self.kept.append(number)
        return self.outcome


class Blocks(Answers):
    """Keeps the whole process busy at its first arrival, as a server out of breath would."""

    async def __call__(self, number):
        if number == 0:
            time.sleep(0.2)  # noqa: ASYNC251 - that is the point.
        return self.outcome


async def test_an_open_loop_sends_as_many_as_its_rate_says():
    sample = await OpenLoop(per_second=100, seconds=0.3).run(Answers(), time.monotonic())

    assert sample.counts == {OK: 30}


async def test_latencies_of_an_open_loop_count_from_the_intended_start():
    sample = await OpenLoop(per_second=50, seconds=0.2).run(Blocks(), time.monotonic())

    late = [latency for latency in sample.latencies_s if latency > 0.05]
    assert len(late) >= 5


async def test_a_generator_that_is_late_makes_its_run_void():
    sample = await OpenLoop(per_second=50, seconds=0.2).run(Blocks(), time.monotonic())

    assert sample.void
    assert sample.max_lag_s > 0.1


async def test_the_shares_of_an_open_loop_are_all_of_it_and_nothing_twice():
    loop = OpenLoop(per_second=50, seconds=0.2)
    start_at = time.monotonic()

    parts = [await loop.share(worker, 3).run(Answers(), start_at) for worker in range(3)]

    assert len(merged(parts).outcomes) == loop.arrivals


async def test_a_closed_loop_never_has_more_in_flight_than_it_says():
    started_at = time.monotonic()

    sample = await ClosedLoop(seconds=0.2, in_flight=4).run(Answers(seconds=0.05), started_at)

    assert 4 <= len(sample.outcomes) <= 20


async def test_a_closed_loop_that_runs_dry_says_so_and_counts_its_own_time():
    sample = await ClosedLoop(seconds=5.0, in_flight=4).run(Answers(size=9), time.monotonic())

    assert sample.ran_dry
    assert sample.counts == {OK: 9}
    assert sample.seconds < 1.0


async def test_a_burst_starts_everybody_at_once():
    sample = await Burst(50).run(Answers(seconds=0.05), time.monotonic())

    assert sample.counts == {OK: 50}
    assert sample.seconds < 1.0


def test_what_finishes_after_the_run_is_no_throughput():
    sample = Sample(
        started_at=0.0,
        ended_at=1.0,
        latencies_s=[0.1, 0.1, 0.1],
        outcomes=[OK, OK, "UNAVAILABLE OVERLOADED"],
        finished_at=[0.5, 1.5, 0.5],
    )

    assert sample.good_per_s == 1.0


@pytest.mark.parametrize(("percent", "value"), [(50, 50.0), (99, 99.0), (100, 100.0), (0.5, 1.0)])
def test_a_percentile_is_a_value_that_was_measured(percent, value):
    assert percentile([float(number) for number in range(100, 0, -1)], percent) == value


def test_the_percentile_of_nothing_is_zero():
    assert percentile([], 99) == 0.0
