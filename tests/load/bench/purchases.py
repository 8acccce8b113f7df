"""Whole purchases: the rate that can be sustained, that rate kept up, and twice of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from math import ceil

from tests.load.bench.confirmations import Confirmations
from tests.load.bench.figures import Figure, figure_of
from tests.load.bench.paths import Paths
from tests.load.cpu import used
from tests.load.generator.drivers import ClosedLoop, OpenLoop
from tests.load.generator.sample import OK, Sample, percentile
from tests.load.journeys.purchases import Bought, Purchases

# The first ones take a moment to come to their tickets; goodput counts from then on.
WARM_S = 2.0
QUIET_S = 1.0
MAX_RAMP_PER_S = 400.0
MIN_GAIN = 1.05
FIRST_SHARE_OF_PEAK = 0.9
NEXT_SHARE = 0.85
MAX_TRIALS = 6
MIN_GOOD_SHARE = 0.995
MAX_SUSTAINED_P99_S = 2.0
OVERLOAD = 2.0


@dataclass(slots=True)
class PurchaseRuns:
    """Runs purchases on the paths' suite. `peak` and `rate` are purchases per second."""

    paths: Paths
    peak: float = 0.0
    rate: float = 0.0

    async def find_rate(self) -> list[str]:
        """Ramp up until more at once gives no more, then find what holds; gives what it saw."""
        seen: list[str] = []
        for in_flight in self.paths.plan.ramp_in_flight:
            driver = ClosedLoop(self.paths.plan.ramp_s, in_flight)
            sample = await self._run(driver, ceil(MAX_RAMP_PER_S * driver.seconds))
            per_s = good_per_s(sample)
            seen.append(f"{in_flight} at once: {per_s:.1f}/s {_refusals(sample)}".rstrip())
            gained = per_s > self.peak * MIN_GAIN
            self.peak = max(self.peak, per_s)
            if not gained:
                break
        self.rate = self.peak * FIRST_SHARE_OF_PEAK
        for _ in range(MAX_TRIALS):
            sample = await self._at(self.rate)
            kept_up = keeps_up(sample)
            p99_s = percentile(sample.latencies_s, 99)
            verdict = "kept up" if kept_up else "not kept up"
            seen.append(f"{self.rate:.1f}/s: {verdict}, p99 {p99_s:.2f} s {_refusals(sample)}")
            if kept_up:
                break
            self.rate *= NEXT_SHARE
        return seen

    async def steady(self) -> Figure:
        """Sell at the sustainable rate; with how long confirmed payments waited for tickets."""
        confirmations = await Confirmations.from_now(self.paths.suite.record)
        await self._prepare(self.rate)
        before = self.paths.suite.cpu()
        sample = await self.paths.suite.fleet.run(self._open_loop(self.rate))
        # What is done behind the last purchases, their e-mails too, is part of their price.
        await asyncio.sleep(QUIET_S)
        cpu_s = used(before, self.paths.suite.cpu())
        waits_s = await confirmations.waits_s()
        more = _steps(sample) | {
            "offered": self.rate,
            "confirmed": float(len(waits_s)),
            "to tickets p50": percentile(waits_s, 50),
            "to tickets p99": percentile(waits_s, 99),
        }
        return figure_of(
            "purchases",
            sample,
            cpu_s,
            per=sample.counts[OK],
            more=more,
            per_s=good_per_s(sample),
        )

    async def overload(self) -> Figure:
        """Offer twice the sustainable rate."""
        rate = self.rate * OVERLOAD
        await self._prepare(rate)
        before = self.paths.suite.cpu()
        sample = await self.paths.suite.fleet.run(self._open_loop(rate))
        after = self.paths.suite.cpu()
        await asyncio.sleep(QUIET_S)
        goodput = good_per_s(sample)
        self.peak = max(self.peak, goodput)
        refused = Counter(sample.counts)
        refused.pop(OK, None)
        unclear = sum(count for text, count in refused.items() if not is_clear_refusal(text))
        again = [each for each in sample.kept if isinstance(each, str)]
        more = _steps(sample) | {
            "offered": rate,
            "of peak": goodput / self.peak if self.peak else 0.0,
            "refused": float(refused.total()),
            "not refused clearly": float(unclear),
            "tried again": float(len(again)),
            "good p99": percentile(sample.latencies_of(OK), 99),
        }
        return figure_of(
            "twice the load",
            sample,
            used(before, after),
            per=sample.counts[OK],
            more=more,
            per_s=goodput,
        )

    async def _at(self, rate: float) -> Sample:
        await self._prepare(rate)
        sample = await self.paths.suite.fleet.run(self._open_loop(rate))
        await asyncio.sleep(QUIET_S)
        return sample

    async def _run(self, driver: ClosedLoop, offers: int) -> Sample:
        await self._prepare_offers(offers)
        sample = await self.paths.suite.fleet.run(driver)
        await asyncio.sleep(QUIET_S)
        return sample

    async def _prepare(self, rate: float) -> None:
        await self._prepare_offers(self._open_loop(rate).arrivals)

    async def _prepare_offers(self, count: int) -> None:
        suite = self.paths.suite
        journey = Purchases(suite.booking, suite.stock.across(count), suite.sessions)
        await suite.fleet.prepare(journey)

    def _open_loop(self, rate: float) -> OpenLoop:
        return OpenLoop(rate, self.paths.plan.purchases_s)


def good_per_s(sample: Sample) -> float:
    """Finished purchases per second, from when the first ones can be finished until the end."""
    begin = sample.started_at + min(WARM_S, sample.seconds / 3)
    done = zip(sample.outcomes, sample.finished_at, strict=True)
    good = sum(1 for outcome, at in done if outcome == OK and begin <= at <= sample.ended_at)
    return good / (sample.ended_at - begin)


def keeps_up(sample: Sample) -> bool:
    """Whether nearly everybody got their tickets soon, the last ones as well as the first."""
    share = sample.counts[OK] / max(1, len(sample.outcomes))
    soon = percentile(sample.latencies_s, 99) <= MAX_SUSTAINED_P99_S
    return share >= MIN_GOOD_SHARE and soon


def is_clear_refusal(outcome: str) -> bool:
    """Whether a refusal is UNAVAILABLE and says when to come back."""
    return "UNAVAILABLE" in outcome.split() and "no retry hint" not in outcome


def _steps(sample: Sample) -> dict[str, float]:
    """Seconds from a purchase's start to its hold, its order, its tickets."""
    bought = [each for each in sample.kept if isinstance(each, Bought)]
    return {
        f"{step} p{percent}": percentile(values, percent)
        for step, values in (
            ("held", [each.held_s for each in bought]),
            ("placed", [each.placed_s for each in bought]),
            ("tickets", [each.tickets_s for each in bought]),
        )
        for percent in (50, 99)
    }


def _refusals(sample: Sample) -> str:
    refused = Counter(sample.counts)
    refused.pop(OK, None)
    return str(dict(refused.most_common(3))) if refused else ""
