"""A million attempts to hold seats of fifty screenings, while everything that helps is broken.

Attempts, releases, lapses and purchases go on at both booking processes while Redis is wiped and
stopped and PostgreSQL is killed. The database writes down every revision of every board, and the
whole story is judged afterwards: no seat twice, no new single seat, no hold past its deadline,
nothing missing that was answered OK.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import grpc
from redis.asyncio import Redis

from deploy.demo.buyer import reason_of
from deploy.demo.stage import until
from deploy.local.identities import Identities
from deploy.local.state_folder import StateFolder
from deploy.programme.seat_plan import SeatKind, SeatPlan
from tests.faults.patience import persist
from tests.faults.suite import OPTIONS, Suite, open_suite
from tests.load.generator.drivers import ClosedLoop
from tests.load.generator.fleet import Fleet, fleet
from tests.load.generator.sample import percentile
from tests.load.journeys.contest import HELD, RELEASED, Contest, choose_party
from tests.load.journeys.sessions import Sessions
from tests.load.programme import Size
from tests.load.soak.board_history import Findings, Outage, install, judge, lapsed_claims, rows_of
from tests.load.soak.context import SoakContext, SoakFailedError
from tests.load.soak.shoppers import MAX_SETTLE_S, Shoppers

COUNTS: Mapping[str, int] = {
    "attempts": 1_000_000,
    "screenings": 50,
    "at_once": 64,
    "buyers_at_once": 6,
    "rounds": 20,
    "hold_seconds": 60,
    # Lapsed holds are swept every 300 ms; a sweep, a commit and a busy machine come on top.
    "max_overstay_ms": 2_000,
}
__all__ = ["COUNTS", "OPTIONS", "run"]
SEATS = 400
SHOWS_A_DAY = 5
GENERATORS = 2
MIN_PAYMENT_SECONDS = 25
# What workers may take until they sweep again once PostgreSQL is back.
RECOVERY_S = 5.0
MAX_ROUND_S = 1_800.0
REFUSALS = frozenset(
    {
        "FAILED_PRECONDITION SEAT_UNAVAILABLE",
        "FAILED_PRECONDITION SINGLE_SEAT_LEFT",
    }
)
# In which round, of so many, what is broken; all of them are over one round later.
WIPE_REDIS, STOP_REDIS, START_REDIS, KILL_POSTGRES = 0.25, 0.4, 0.55, 0.7
INTO_THE_ROUND_S = 0.5


@dataclass
class Rush:
    """Everybody who wants seats, and whoever breaks things meanwhile."""

    suite: Suite
    context: SoakContext
    generators: Fleet
    outcomes: Counter[str] = field(default_factory=Counter)
    purchases: Counter[str] = field(default_factory=Counter)
    held: set[UUID] = field(default_factory=set)
    p99_ms: dict[str, float] = field(default_factory=dict)
    shoppers: Shoppers = field(init=False)
    _closing: bool = False
    _outages: list[Outage] = field(default_factory=list)
    _jumped_at: datetime = field(init=False)
    _sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        keys = StateFolder(Path(self.suite.stack.record.state)).keys
        self._sessions = Sessions(Identities(keys, ()).session_key)
        self.shoppers = Shoppers(self.suite, self.context.seed)

    @property
    def screening_ids(self) -> list[str]:
        return self.suite.programme.screening_ids[: self.context.counts["screenings"]]

    @property
    def _segments(self) -> list[list[str]]:
        rows = standard_rows(self.suite.programme.plan)
        return [segment for row in rows for segment in row]

    async def run(self) -> Findings:
        """Let everybody come, then judge all that happened."""
        counts = self.context.counts
        buyers = [asyncio.create_task(self._buy(at)) for at in range(counts["buyers_at_once"])]
        try:
            for number in range(counts["rounds"]):
                await self._round(number)
                for buyer in buyers:
                    if buyer.done():
                        buyer.result()
            self._closing = True
            await asyncio.gather(*buyers)
        finally:
            for buyer in buyers:
                buyer.cancel()
        await self._let_all_lapse()
        return await self._judged()

    async def _let_all_lapse(self) -> None:
        """Move the clock past all deadlines."""
        ahead = timedelta(seconds=self.context.counts["hold_seconds"])
        self._jumped_at = await self.suite.clock.now()
        await self.suite.clock.advance(ahead)

        async def all_given_back() -> bool:
            return not await lapsed_claims(self.suite.database("booking"))

        await until(all_given_back, what="all lapsed seats free", timeout_s=MAX_SETTLE_S)

    async def _round(self, number: int) -> None:
        counts = self.context.counts
        attempts = counts["attempts"] // counts["rounds"]
        contest = Contest(
            self.suite.stage.addresses.booking,
            self.screening_ids,
            self._segments,
            # One that has signed already does not travel to another process.
            Sessions(self._sessions.key_file),
            self.context.seed,
            first=number * attempts,
            end=(number + 1) * attempts,
        )
        await self.generators.prepare(contest)
        name, break_something = self._fault_of(number)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(_later(break_something))
            run = group.create_task(self.generators.run(ClosedLoop(MAX_ROUND_S, counts["at_once"])))
        sample = run.result()
        self.outcomes += sample.counts
        self.held.update(UUID(bytes=each) for each in sample.kept)
        p99_ms = percentile(sample.latencies_s, 99) * 1_000
        self.p99_ms[name] = max(p99_ms, self.p99_ms.get(name, 0.0))
        rate = attempts / (time.monotonic() - began)
        self.context.say(
            f"round {number + 1} ({name}): {rate:.0f}/s, p99 {p99_ms:.0f} ms, "
            f"{dict(sample.counts.most_common())}, bought {dict(self.purchases.most_common(3))}"
        )

    def _fault_of(self, number: int) -> tuple[str, Callable[[], Coroutine[None, None, None]]]:
        rounds = self.context.counts["rounds"]
        wipe, stop, start, kill = (
            int(rounds * part) for part in (WIPE_REDIS, STOP_REDIS, START_REDIS, KILL_POSTGRES)
        )
        if number == wipe:
            return "Redis wiped", self._wipe_redis
        if number == stop:
            return "Redis stopped", self._stop_redis
        if stop < number < start:
            return "Redis away", _nothing
        if number == start:
            return "Redis back", self._start_redis
        if number == kill:
            return "PostgreSQL killed", self._kill_postgres
        return "nothing broken", _nothing

    async def _wipe_redis(self) -> None:
        async with Redis.from_url(self.suite.stack.record.redis_url) as redis:
            await redis.flushall()

    async def _stop_redis(self) -> None:
        await self.suite.stack.kill("redis")

    async def _start_redis(self) -> None:
        await self.suite.stack.start_part("redis")
        await self.suite.stack.wait_ready("redis")

    async def _kill_postgres(self) -> None:
        killed_at = await self.suite.clock.now()
        await self.suite.stack.kill("postgres")
        await self.suite.stack.start_part("postgres")
        await self.suite.stack.wait_ready("postgres")
        ready_at = await self.suite.clock.now()
        self._outages.append((killed_at, ready_at + timedelta(seconds=RECOVERY_S)))

    async def _buy(self, lane: int) -> None:
        """Buy seats, one customer after the other; the last one still comes to an end."""
        random = Random(f"{self.context.seed} buyers {lane}")  # noqa: S311
        while not self._closing:
            ((_, token),) = self._sessions.new_guest()
            buyer = self.shoppers.buyer(token.removeprefix("Bearer "))
            screening_id = random.choice(self.screening_ids)
            seats = choose_party(random, self._segments)
            request_id = str(uuid4())
            try:
                hold = await persist(lambda: buyer.hold(screening_id, seats, request_id=request_id))  # noqa: B023
            except grpc.aio.AioRpcError as error:
                if reason_of(error) not in {"SEAT_UNAVAILABLE", "SINGLE_SEAT_LEFT"}:
                    raise
                self.purchases[reason_of(error)] += 1
                continue
            self.purchases[await self.shoppers.shop(buyer, hold, random)] += 1

    async def _judged(self) -> Findings:
        must = self.context.must
        unexpected = {
            outcome: count
            for outcome, count in self.outcomes.items()
            if outcome not in REFUSALS | {HELD, RELEASED}
        }
        must(not unexpected, f"unexpected outcomes: {unexpected}")
        plan = self.suite.programme.plan
        rows = rows_of(standard_rows(plan), [seat.id for seat in plan.seats()])
        booking = self.suite.database("booking")
        findings = await judge(booking, self.screening_ids, rows, self._outages, self._jumped_at)
        must(not findings.wrong, "\n".join(findings.wrong[:20]))
        missing = self.held - findings.hold_ids
        must(not missing, f"{len(missing)} holds that were answered OK are missing")
        latest_s = max(findings.overstays_s, default=0.0)
        max_overstay_s = self.context.counts["max_overstay_ms"] / 1_000
        must(latest_s <= max_overstay_s, f"a hold outlived its deadline by {latest_s:.2f} s")
        await self.shoppers.judge(self.context)
        return findings


def standard_rows(plan: SeatPlan) -> list[list[list[str]]]:
    """List the rows that have nothing but usual seats, each as its segments."""
    return [
        [[seat.id for seat in segment] for segment in row.segments]
        for row in plan.rows
        if all(seat.kind is SeatKind.STANDARD for segment in row.segments for seat in segment)
    ]


async def _later(break_something: Callable[[], Coroutine[None, None, None]]) -> None:
    await asyncio.sleep(INTO_THE_ROUND_S)
    await break_something()


async def _nothing() -> None:
    """Break nothing."""


async def run(context: SoakContext) -> dict[str, object]:
    """Hold the rush on a suite of its own."""
    if context.stack is None:
        raise SoakFailedError("A rush needs a suite of its own.")
    days = -(-context.counts["screenings"] // SHOWS_A_DAY)
    size = Size(1, days, SEATS, context.counts["hold_seconds"], MIN_PAYMENT_SECONDS)
    with fleet(GENERATORS) as generators:
        suite = await open_suite(context.stack, context.stage, size)
        await install(suite.database("booking"))
        rush = Rush(suite, context, generators)
        findings = await rush.run()
    overstays_s = findings.overstays_s
    return {
        "attempts": rush.outcomes.total(),
        "outcomes": dict(rush.outcomes.most_common()),
        "purchases": dict(rush.purchases.most_common()),
        "revisions judged": findings.counts["revisions"],
        "holds judged": findings.counts["holds"],
        "seats sold": findings.counts["seats sold"],
        "seats that lapsed": len(overstays_s),
        "past their deadline, p50 / p99 / max s": " / ".join(
            f"{value:.2f}"
            for value in (
                percentile(overstays_s, 50),
                percentile(overstays_s, 99),
                max(overstays_s, default=0.0),
            )
        ),
        "p99 of an attempt": {name: f"{ms:.0f} ms" for name, ms in rush.p99_ms.items()},
        "answered OK and missing": 0,
        "make verify": "green",
    }
