"""The paths of a round, besides whole purchases."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from math import ceil

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import seat_pb2

from deploy.demo.stage import CALL_TIMEOUT_S
from tests.load.bench.figures import Figure, figure_of
from tests.load.bench.plan import Plan
from tests.load.bench.suite import Suite
from tests.load.cpu import used
from tests.load.generator.drivers import Burst, ClosedLoop, Driver, OpenLoop
from tests.load.generator.journey import Journey
from tests.load.generator.sample import OK, Sample, percentile
from tests.load.journeys.echo import Echoes
from tests.load.journeys.holds import HeldSeats, Holds, Offer
from tests.load.journeys.orders import Orders
from tests.load.journeys.purchases import Purchases
from tests.load.journeys.seat_maps import SeatMaps

HOLDS_PER_GUEST = 5  # As many live ones as a caller may have.
NEW_BUYERS_PER_S = 200.0
BUYERS_PER_SEAT = 4
BUYERS_AT_ONCE = 1_000
MAX_TRIES_OF_A_BUYER = 30
TAKEN = "FAILED_PRECONDITION SEAT_UNAVAILABLE"
SEATS_READ = 50
# A loop that keeps the processes full is asked to come back now and then.
TRIES_WHEN_FULL = 5
MAX_TOUCH_S = 120.0
TOUCHES_AT_ONCE = 16


class WrongOutcomeError(RuntimeError):
    """What was measured is not what was meant: the figures would be worthless."""


@dataclass(slots=True)
class Paths:
    """Measures one path at a time on a suite."""

    suite: Suite
    plan: Plan
    # How many holds or orders a second to get ready for; learnt on the way.
    expected_per_s: float = 2_500.0
    expected_orders_per_s: float = 1_200.0
    _random: random.Random = field(default_factory=lambda: random.Random(20_261_122))  # noqa: S311

    async def measure(self, journey: Journey, driver: Driver) -> tuple[Sample, dict[str, float]]:
        """Run a journey and give the sample with the CPU seconds that each process used."""
        await self.suite.fleet.prepare(journey)
        before = self.suite.cpu()
        sample = await self.suite.fleet.run(driver)
        return sample, used(before, self.suite.cpu())

    async def warm_up(self) -> None:
        """Let connections and caches fill before anything counts."""
        driver = ClosedLoop(self.plan.warm_up_s, self.plan.in_flight)
        await self.measure(Echoes([self.suite.echo_address]), driver)
        await self.measure(self._seat_maps(), driver)
        for address in self.suite.booking:
            await self._touch_all_across(address)
        held: list[HeldSeats] = []
        for number, address in enumerate(self.suite.alone_addresses):
            touched = await self._touch_all_across(address)
            held += [replace(each, address_number=number) for each in touched]
        await self.suite.learn_sizes()
        # Each connection plans a statement anew for its first five times.
        long_enough = ClosedLoop(MAX_TOUCH_S, self.plan.in_flight)
        await self.measure(Orders(self.suite.alone_addresses, held), long_enough)
        offers = self.suite.stock.across(self.plan.warm_up_purchases)
        journey = Purchases(self.suite.booking, offers, self.suite.sessions)
        await self.measure(journey, long_enough)
        await self.suite.learn_sizes()

    async def echo(self) -> Figure:
        return await self._closed("echo", Echoes([self.suite.echo_address]))

    async def seat_map(self) -> Figure:
        return await self._closed("GetSeatMap", self._seat_maps())

    async def holds_across(self) -> Figure:
        """Hold two seats in ever other screenings."""
        count = ceil(self.expected_per_s * self.plan.closed_s)
        journey = Holds(
            self.suite.booking,
            self.suite.stock.across(count),
            self.suite.sessions,
            HOLDS_PER_GUEST,
            max_tries=TRIES_WHEN_FULL,
        )
        sample, cpu_s = await self.measure(journey, self._driver())
        _must_be_all_good("HoldSeats across screenings", sample)
        self.expected_per_s = 1.6 * sample.good_per_s
        return figure_of("HoldSeats across", sample, cpu_s)

    async def place_order(self) -> Figure:
        """Place orders where payment answers at booking's own port, each where its seats are held.

        A client's calls come over its own connection to one process.
        """
        offers = self.suite.stock.across(ceil(self.expected_orders_per_s * self.plan.closed_s))
        journey = Holds(self.suite.alone_addresses, offers, self.suite.sessions, HOLDS_PER_GUEST)
        held, _ = await self.measure(journey, ClosedLoop(MAX_TOUCH_S, TOUCHES_AT_ONCE))
        _must_be_all_good("holds to be ordered", held)
        figure = await self._closed(
            "PlaceOrder alone", Orders(self.suite.alone_addresses, held.kept)
        )
        self.expected_orders_per_s = 1.6 * figure.per_s
        return figure

    async def one_screening(self) -> Figure:
        """New buyers at a constant rate, each after two or three seats of the same hall."""
        screening_id = self.suite.stock.screening()
        offers = self._wishes(screening_id, BUYERS_PER_SEAT * len(self._seat_ids))
        journey = Holds(
            self.suite.booking, offers, self.suite.sessions, max_tries=MAX_TRIES_OF_A_BUYER
        )
        driver = OpenLoop(NEW_BUYERS_PER_S, len(offers) / NEW_BUYERS_PER_S)
        sample, cpu_s = await self.measure(journey, driver)
        more = await self._judge_hall(screening_id, sample)
        more["held p99"] = percentile(sample.latencies_of(OK), 99)
        rate = len(sample.outcomes) / (max(sample.finished_at) - sample.started_at)
        return figure_of("HoldSeats one screening", sample, cpu_s, more=more, per_s=rate)

    async def all_at_once(self) -> Figure:
        """A thousand buyers in the same instant."""
        screening_id = self.suite.stock.screening()
        offers = self._wishes(screening_id, BUYERS_AT_ONCE)
        journey = Holds(
            self.suite.booking, offers, self.suite.sessions, max_tries=MAX_TRIES_OF_A_BUYER
        )
        sample, cpu_s = await self.measure(journey, Burst(BUYERS_AT_ONCE))
        more = await self._judge_hall(screening_id, sample)
        more["all decided"] = sample.seconds
        rate = len(sample.outcomes) / sample.seconds
        return figure_of("HoldSeats 1,000 at once", sample, cpu_s, more=more, per_s=rate)

    async def _closed(self, path: str, journey: Journey) -> Figure:
        sample, cpu_s = await self.measure(journey, self._driver())
        _must_be_all_good(path, sample)
        return figure_of(path, sample, cpu_s)

    async def _touch_all_across(self, address: str) -> list[HeldSeats]:
        """Hold once in each screening, for a process's first hold there asks for its facts."""
        offers = self.suite.stock.across(self.suite.stock.screenings_across)
        journey = Holds([address], offers, self.suite.sessions, HOLDS_PER_GUEST, max_tries=5)
        sample, _ = await self.measure(journey, ClosedLoop(MAX_TOUCH_S, TOUCHES_AT_ONCE))
        _must_be_all_good("the first holds", sample)
        return sample.kept

    def _driver(self) -> ClosedLoop:
        return ClosedLoop(self.plan.closed_s, self.plan.in_flight)

    def _seat_maps(self) -> SeatMaps:
        return SeatMaps(self.suite.booking, self._read_ids())

    def _read_ids(self) -> list[str]:
        return self.suite.programme.screening_ids[:SEATS_READ]

    @property
    def _seat_ids(self) -> list[str]:
        return self.suite.programme.seat_ids

    def _wishes(self, screening_id: str, count: int) -> list[Offer]:
        """Every party of the hall is wished for as often as any other, or once more; in no order."""
        parties = self.suite.programme.legal_seats.all_parties()
        wished: list[tuple[str, ...]] = []
        while len(wished) < count:
            wished += self._random.sample(parties, min(len(parties), count - len(wished)))
        self._random.shuffle(wished)
        return [Offer(screening_id, party) for party in wished]

    async def _judge_hall(self, screening_id: str, sample: Sample) -> dict[str, float]:
        """Look who got what: each seat must be one buyer's, and everybody else told so."""
        counts = sample.counts
        undecided = len(sample.outcomes) - counts[OK] - counts[TAKEN]
        given = [seat.seat_id for each in sample.kept for seat in each.hold.seats]
        answer = await self.suite.stage.bookings[0].GetSeatMap(
            pb.GetSeatMapRequest(screening_id=screening_id), timeout=CALL_TIMEOUT_S
        )
        held = sum(state == seat_pb2.SEAT_STATE_HELD for state in answer.states)
        if len(set(given)) != len(given) or held != len(given):
            raise WrongOutcomeError(f"{len(given)} seats were given, {held} are held.")
        return {
            "seats sold once": float(len(given)),
            "seats left": float(len(self._seat_ids) - len(given)),
            "undecided": float(undecided),
        }


def _must_be_all_good(path: str, sample: Sample) -> None:
    if set(sample.counts) != {OK}:
        raise WrongOutcomeError(f"{path}: {dict(sample.counts)}")
