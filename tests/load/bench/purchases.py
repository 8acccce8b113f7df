"""Whole purchases: the rate that can be sustained, that rate kept up, and twice of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import ceil, inf

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
# The search for the rate begins below what a closed loop reaches, which knows no late arrivals.
FIRST_SHARE_OF_PEAK = 0.85
STEP = 1.25
# Neighbours in the search are no nearer than this: runs of some seconds tell no more.
MIN_STEP = 1.08
MAX_TRIALS = 6
MIN_GOOD_SHARE = 0.995
MAX_SUSTAINED_P99_S = 1.0
OVERLOAD = 2.0
# In a closed loop somebody who is asked to come back does, or the loop would only knock.
TRIES_AT_THE_DOOR = 50


@dataclass(slots=True)
class PurchaseRuns:
    """Runs purchases on the paths' suite. `rate` is what can be sustained, in purchases per second.

    `peak` is the most that was finished per second in the round that runs, by whatever run.
    """

    paths: Paths
    rate: float = 0.0
    peak: float = 0.0
    in_flight: int = 0

    async def find_rate(self) -> AsyncIterator[str]:
        """Ramp up until more at once gives no more, then search what holds; tells what it sees."""
        most = 0.0
        for in_flight in self.paths.plan.ramp_in_flight:
            sample = await self._closed(in_flight)
            per_s = good_per_s(sample)
            yield f"{in_flight} at once: {per_s:.1f}/s {_refusals(sample)}".rstrip()
            if per_s > most:
                self.in_flight = in_flight
            if per_s <= most * MIN_GAIN:
                break
            most = per_s
        search = RateSearch(most * FIRST_SHARE_OF_PEAK)
        for _ in range(MAX_TRIALS):
            sample = await self._at(search.rate)
            kept_up, p99_s = keeps_up(sample), percentile(sample.latencies_s, 99)
            verdict = "void" if sample.void else "kept up" if kept_up else "not kept up"
            refusals = _refusals(sample)
            yield f"{search.rate:.1f}/s: {verdict}, p99 {p99_s:.2f} s {refusals}".rstrip()
            if not sample.void:
                search.saw(kept_up=kept_up)
            if search.is_over:
                break
        self.rate = search.best or search.rate

    async def most(self) -> Figure:
        """Sell as fast as it goes: so many buyers at once, each followed by another."""
        before = self.paths.suite.cpu()
        sample = await self._closed(self.in_flight)
        cpu_s = used(before, self.paths.suite.cpu())
        self.peak = good_per_s(sample)
        return figure_of(
            "purchases at once",
            sample,
            cpu_s,
            per=sample.counts[OK],
            more=_steps(sample) | {"at once": float(self.in_flight)},
            per_s=self.peak,
        )

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
        self.peak = max(self.peak, good_per_s(sample))
        more = _steps(sample) | {
            "offered": self.rate,
            "kept up": float(keeps_up(sample)),
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

    async def _closed(self, in_flight: int) -> Sample:
        driver = ClosedLoop(self.paths.plan.ramp_s, in_flight)
        await self._prepare_offers(ceil(MAX_RAMP_PER_S * driver.seconds), TRIES_AT_THE_DOOR)
        sample = await self.paths.suite.fleet.run(driver)
        await asyncio.sleep(QUIET_S)
        return sample

    async def _prepare(self, rate: float) -> None:
        await self._prepare_offers(self._open_loop(rate).arrivals)

    async def _prepare_offers(self, count: int, tries_at_the_door: int = 1) -> None:
        suite = self.paths.suite
        offers = suite.stock.across(count)
        journey = Purchases(suite.booking, offers, suite.sessions, tries_at_the_door)
        await suite.fleet.prepare(journey)

    def _open_loop(self, rate: float) -> OpenLoop:
        return OpenLoop(rate, self.paths.plan.purchases_s)


@dataclass(slots=True)
class RateSearch:
    """Narrows in on the highest rate that is kept up: by steps, then by halves of what is open."""

    rate: float
    best: float = 0.0
    _too_much: float = inf

    @property
    def is_over(self) -> bool:
        """Whether what is kept up and what is not are neighbours."""
        return self.best > 0 and self._too_much / self.best <= MIN_STEP**2

    def saw(self, *, kept_up: bool) -> None:
        """Take what a run at the rate showed, and choose the next rate."""
        if kept_up:
            self.best = max(self.best, self.rate)
        else:
            self._too_much = min(self._too_much, self.rate)
        if self.best == 0:
            self.rate /= STEP
        elif self._too_much == inf:
            self.rate *= STEP
        else:
            self.rate = (self.best * self._too_much) ** 0.5


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
