"""When arrivals start: one after the other, at a constant rate, or all at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from itertools import count
from typing import ClassVar, Protocol

from tests.load.generator.journey import Act, NothingLeftError
from tests.load.generator.sample import Sample

MAX_OPEN_ARRIVALS = 20_000
START_TOGETHER_AFTER_S = 0.05


class Driver(Protocol):
    """How a run goes in each of `workers` processes."""

    # Whether arrivals come when it is their time, and not when another one ends.
    by_the_clock: ClassVar[bool]

    def share(self, worker: int, workers: int) -> Driver:
        """Give the part of one process."""
        ...

    async def run(self, act: Act, start_at: float) -> Sample:
        """Run from `start_at` (monotonic seconds) on."""
        ...


@dataclass(frozen=True, slots=True)
class ClosedLoop:
    """So many are always in flight: each starts when another ends. Finds the most there can be."""

    by_the_clock: ClassVar[bool] = False
    seconds: float
    in_flight: int

    def share(self, worker: int, workers: int) -> ClosedLoop:
        mine = self.in_flight // workers + (worker < self.in_flight % workers)
        return ClosedLoop(self.seconds, mine)

    async def run(self, act: Act, start_at: float) -> Sample:
        sample = Sample(started_at=start_at, ended_at=start_at + self.seconds)
        numbers = count()
        await asyncio.sleep(max(0.0, start_at - time.monotonic()))

        async def one_after_the_other() -> None:
            while (began := time.monotonic()) < sample.ended_at and not sample.ran_dry:
                await _arrive(act, next(numbers), began, sample)

        await asyncio.gather(*(one_after_the_other() for _ in range(self.in_flight)))
        if sample.ran_dry:
            sample.ended_at = max(sample.finished_at, default=time.monotonic())
        sample.kept = act.kept
        return sample


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """Arrivals come at a constant rate, however the servers do. `first` is the first one's place."""

    by_the_clock: ClassVar[bool] = True
    per_second: float
    seconds: float
    first: int = 0
    step: int = 1

    def share(self, worker: int, workers: int) -> OpenLoop:
        return OpenLoop(self.per_second, self.seconds, worker, workers)

    @property
    def arrivals(self) -> int:
        """How many come in all processes together."""
        return int(self.per_second * self.seconds)

    async def run(self, act: Act, start_at: float) -> Sample:
        sample = Sample(started_at=start_at, ended_at=start_at + self.seconds)
        running: set[asyncio.Task[None]] = set()
        places = range(self.first, self.arrivals, self.step)
        for number, place in enumerate(places):
            intended_at = start_at + place / self.per_second
            if (wait_s := intended_at - time.monotonic()) > 0:
                await asyncio.sleep(wait_s)
            if len(running) >= MAX_OPEN_ARRIVALS:
                raise RuntimeError(f"More than {MAX_OPEN_ARRIVALS} arrivals are open.")
            task = asyncio.create_task(_arrive_late(act, number, intended_at, sample))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        sample.kept = act.kept
        return sample


@dataclass(frozen=True, slots=True)
class Burst:
    """All come at the same instant; the run ends with the last one."""

    by_the_clock: ClassVar[bool] = True
    arrivals: int

    def share(self, worker: int, workers: int) -> Burst:
        return Burst(self.arrivals // workers + (worker < self.arrivals % workers))

    async def run(self, act: Act, start_at: float) -> Sample:
        sample = Sample(started_at=start_at)
        await asyncio.sleep(max(0.0, start_at - time.monotonic()))
        all_of_them: list[Awaitable[None]] = [
            _arrive(act, number, start_at, sample) for number in range(self.arrivals)
        ]
        await asyncio.gather(*all_of_them)
        sample.ended_at = max(sample.finished_at, default=start_at)
        sample.kept = act.kept
        return sample


async def _arrive_late(act: Act, number: int, intended_at: float, sample: Sample) -> None:
    sample.lags_s.append(time.monotonic() - intended_at)
    await _arrive(act, number, intended_at, sample)


async def _arrive(act: Act, number: int, intended_at: float, sample: Sample) -> None:
    try:
        outcome = await act(number)
    except NothingLeftError:
        sample.ran_dry = True
        return
    finished_at = time.monotonic()
    sample.latencies_s.append(finished_at - intended_at)
    sample.outcomes.append(outcome)
    sample.finished_at.append(finished_at)
