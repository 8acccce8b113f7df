"""Several generator processes that act as one."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from tests.load.asked import Asked, asked
from tests.load.generator.channels import Channels
from tests.load.generator.drivers import Driver
from tests.load.generator.journey import Journey
from tests.load.generator.precedence import go_ahead, on_the_dot
from tests.load.generator.sample import Sample, merged

START_AFTER_S = 0.1


@dataclass(frozen=True, slots=True)
class Fleet:
    """Generator processes; started with `fleet(n)`."""

    generators: Asked

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self.generators.processes if process.pid]

    async def go_ahead(self) -> bool:
        """Let the generators take the CPU before all others; False when that is not allowed."""
        return all(await self.generators.ask_all("go ahead"))

    async def prepare(self, journey: Journey) -> None:
        """Let each process make its requests: outside of what is measured."""
        workers = len(self.generators.pipes)
        shares = [journey.share(worker, workers) for worker in range(workers)]
        await self.generators.ask([("prepare", share) for share in shares])

    async def run(self, driver: Driver) -> Sample:
        """Run what was prepared, starting in all processes at the same instant."""
        start_at = time.monotonic() + START_AFTER_S
        workers = len(self.generators.pipes)
        shares = [driver.share(worker, workers) for worker in range(workers)]
        return merged(await self.generators.ask([("run", (share, start_at)) for share in shares]))


@contextmanager
def fleet(processes: int) -> Iterator[Fleet]:
    """Start generator processes and stop them at the end."""
    with asked(processes, "generator", _Generator) as generators:
        yield Fleet(generators)


@dataclass
class _Generator:
    """What lives in a generator process."""

    channels: Channels = field(default_factory=Channels)
    act: Any = None

    async def answer(self, kind: str, wanted: Any) -> Any:
        match kind:
            case "go ahead":
                return go_ahead()
            case "prepare":
                self.act = wanted.prepare(self.channels)
                return None
            case _:
                driver, start_at = wanted
                return await _run(driver, self.act, start_at)

    async def close(self) -> None:
        await self.channels.close()


async def _run(driver: Driver, act: Any, start_at: float) -> Sample:
    # A collection of all the prepared requests would make the generator late.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with on_the_dot() if driver.by_the_clock else nullcontext():
            return await driver.run(act, start_at)
    finally:
        gc.enable()
