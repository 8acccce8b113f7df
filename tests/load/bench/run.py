"""One interleaved run: rounds in which every path has its turn, beside the echo."""

from __future__ import annotations

import asyncio
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from tests.load.bench.figures import Figure, median_of
from tests.load.bench.paths import Paths
from tests.load.bench.plan import Plan
from tests.load.bench.purchases import PurchaseRuns
from tests.load.bench.suite import Suite
from tests.load.cpu import used

ORDER = (
    "echo",
    "GetSeatMap",
    "HoldSeats across",
    "PlaceOrder alone",
    "HoldSeats one screening",
    "HoldSeats 1,000 at once",
    "purchases at once",
    "purchases",
    "twice the load",
)
PURCHASES = frozenset(ORDER[-3:])
# A run whose generator was late is repeated, so often in all.
MAX_RUNS_OF_A_PATH = 3
BETWEEN_PATHS_S = 0.3
IDLE_S = 4.0


@dataclass(slots=True)
class Bench:
    """Runs a plan on a suite; `only` names the paths, all when empty."""

    suite: Suite
    plan: Plan
    only: frozenset[str] = frozenset()
    say: Callable[[str], None] = print
    notes: list[str] = field(default_factory=list)

    async def run(self) -> dict[str, Figure]:
        """Measure everything and give the medians by path."""
        paths = Paths(self.suite, self.plan)
        purchases = PurchaseRuns(paths)
        rounds: dict[str, list[Figure]] = defaultdict(list)
        await paths.warm_up()
        self.notes = [await self._idle()]
        self.say(self.notes[0])
        if any(self._wanted(path) for path in PURCHASES):
            async for seen in purchases.find_rate():
                self.notes.append(f"ramp: {seen}")
                self.say(self.notes[-1])
        for number in range(1, self.plan.rounds + 1):
            figures = await self._round(paths, purchases)
            echo_per_s = statistics.mean(f.per_s for f in figures if f.path == "echo")
            for figure in figures:
                rounds[figure.path].append(replace(figure, of_echo=figure.per_s / echo_per_s))
            self.say(f"round {number} of {self.plan.rounds}: {_brief(figures, echo_per_s)}")
        return {path: median_of(rounds[path]) for path in ORDER if path in rounds}

    async def _round(self, paths: Paths, purchases: PurchaseRuns) -> list[Figure]:
        figures = [await paths.echo()]
        if self._wanted("GetSeatMap"):
            figures.append(await paths.seat_map())
        if self._wanted("HoldSeats across"):
            figures.append(await paths.holds_across())
        if self._wanted("PlaceOrder alone"):
            figures.append(await paths.place_order())
        figures.append(await paths.echo())
        others: dict[str, Callable[[], Awaitable[Figure]]] = {
            "HoldSeats one screening": paths.one_screening,
            "HoldSeats 1,000 at once": paths.all_at_once,
            "purchases at once": purchases.most,
            "purchases": purchases.steady,
            "twice the load": purchases.overload,
        }
        for path, measure in others.items():
            if self._wanted(path):
                await asyncio.sleep(BETWEEN_PATHS_S)
                figures.append(await self._not_void(measure))
        return figures

    async def _not_void(self, measure: Callable[[], Awaitable[Figure]]) -> Figure:
        for _ in range(MAX_RUNS_OF_A_PATH):
            figure = await measure()
            if not figure.void:
                break
            self.say(f"{figure.path}: void, the generator lagged {figure.lag_p99_s * 1_000:.0f} ms")
        return figure

    async def _idle(self) -> str:
        """Say what the suite costs when nobody calls: part of every purchase at a low rate."""
        before = self.suite.cpu()
        await asyncio.sleep(IDLE_S)
        spent = used(before, self.suite.cpu())
        per_s = {name: seconds / IDLE_S * 1_000 for name, seconds in spent.items()}
        parts = sorted(per_s.items(), key=lambda part: -part[1])
        shown = ", ".join(f"{name} {ms:.0f}" for name, ms in parts if ms >= 1)
        return f"idle: {sum(per_s.values()):.0f} ms of CPU per second ({shown})"

    def _wanted(self, path: str) -> bool:
        return not self.only or path in self.only


def _brief(figures: list[Figure], echo_per_s: float) -> str:
    shown = [
        f"{figure.path} {figure.per_s:.0f}/s ({figure.per_s / echo_per_s:.0%})"
        for figure in figures
    ]
    return ", ".join(shown)
