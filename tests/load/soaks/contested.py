"""Many buyers after few seats: purchases, declines, releases, lapses and late payments mixed.

The clock jumps past the holds' deadline while customers are on the payment page. At the end each
sold seat is one buyer's, the provider took what the confirmed orders cost, and every check holds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, seat_pb2

from deploy.demo.buyer import Buyer, reason_of
from deploy.demo.stage import CALL_TIMEOUT_S
from deploy.local.identities import Identities
from deploy.local.state_folder import StateFolder
from tests.faults.patience import persist
from tests.faults.suite import OPTIONS, Suite, open_suite
from tests.kit.legal_seats import LegalSeats
from tests.load.journeys.sessions import Sessions
from tests.load.programme import Size
from tests.load.soak.context import SoakContext, SoakFailedError
from tests.load.soak.shoppers import Shoppers

COUNTS: Mapping[str, int] = {"buyers": 20_000, "at_once": 48, "open_screenings": 3, "days": 25}
HALLS = 4
SEATS = 148
HOLD_SECONDS = 600
__all__ = ["COUNTS", "OPTIONS", "run"]
MAX_PARTY = 4
MAX_CHOICES = 3
TAKEN_MEANWHILE = frozenset({"SEAT_UNAVAILABLE", "SINGLE_SEAT_LEFT"})
# With fewer seats left a screening makes room for the next one.
MIN_SEATS_LEFT = 8
BUYERS_BETWEEN_JUMPS = 60
PROGRESS_EVERY = 500


@dataclass
class Contest:
    """A contest on a running suite; a suite may be used for one contest only."""

    suite: Suite
    seed: int
    counts: Mapping[str, int]
    outcomes: Counter[str] = field(default_factory=Counter)
    shoppers: Shoppers = field(init=False)
    _open: list[str] = field(init=False)
    _later: Iterator[str] = field(init=False)
    _sessions: Sessions = field(init=False)
    _seats: LegalSeats = field(init=False)

    def __post_init__(self) -> None:
        self.shoppers = Shoppers(self.suite, self.seed)
        # The last ones start long after the clock's last jump.
        self._later = iter(reversed(self.suite.programme.screening_ids))
        self._open = [next(self._later) for _ in range(self.counts["open_screenings"])]
        self._seats = self.suite.programme.legal_seats
        keys = StateFolder(Path(self.suite.stack.record.state)).keys
        self._sessions = Sessions(Identities(keys, ()).session_key)

    async def run(self, context: SoakContext) -> dict[str, object]:
        """Let all buyers come, then judge; raises SoakFailedError."""
        at_once = asyncio.Semaphore(self.counts["at_once"])

        async def one(number: int) -> None:
            async with at_once:
                # Each has a stream of choices of their own: replayed whatever the others do.
                outcome = await self._buyer(Random(f"{self.seed} {number}"))  # noqa: S311
                self.outcomes[outcome] += 1
                done = self.outcomes.total()
                if done % BUYERS_BETWEEN_JUMPS == 0:
                    await self._jump()
                if done % PROGRESS_EVERY == 0:
                    context.say(f"{done} buyers: {dict(self.outcomes.most_common())}")

        async with asyncio.TaskGroup() as buyers:
            for number in range(self.counts["buyers"]):
                buyers.create_task(one(number))
        await self._jump()
        await self.shoppers.judge(context)
        return {
            "buyers": self.outcomes.total(),
            "seats sold": len(self.shoppers.sold),
            "minor units taken": self.shoppers.money_due,
            "outcomes": dict(self.outcomes.most_common()),
        }

    async def _buyer(self, random: Random) -> str:
        ((_, token),) = self._sessions.new_guest()
        buyer = self.shoppers.buyer(token.removeprefix("Bearer "))
        hold = await self._hold(buyer, random)
        return "no seats" if hold is None else await self.shoppers.shop(buyer, hold, random)

    async def _hold(self, buyer: Buyer, random: Random) -> hold_pb2.Hold | None:
        for _ in range(MAX_CHOICES):
            screening_id = random.choice(self._open)
            states = bytes(await self._states(screening_id))
            parties = self._seats.blocks(states, random.randint(1, MAX_PARTY))
            if not parties:
                continue
            seats, request_id = random.choice(parties), str(uuid4())
            try:
                return await persist(lambda: buyer.hold(screening_id, seats, request_id=request_id))  # noqa: B023
            except grpc.aio.AioRpcError as error:
                if reason_of(error) not in TAKEN_MEANWHILE:
                    raise
        return None

    async def _jump(self) -> None:
        """Let every hold lapse, and open another screening for each that is nearly sold out."""
        await self.suite.clock.advance(timedelta(seconds=HOLD_SECONDS + 1))
        for at, screening_id in enumerate(self._open):
            states = await self._states(screening_id)
            sold = sum(state == seat_pb2.SEAT_STATE_SOLD for state in states)
            if len(states) - sold < MIN_SEATS_LEFT:
                self._open[at] = next(self._later)

    async def _states(self, screening_id: str) -> list[seat_pb2.SeatState.ValueType]:
        request = pb.GetSeatMapRequest(screening_id=screening_id)
        booking = self.suite.stage.bookings[0]
        answer = await persist(lambda: booking.GetSeatMap(request, timeout=CALL_TIMEOUT_S))
        return list(answer.states)


async def run(context: SoakContext) -> dict[str, object]:
    """Hold a contest on a suite of its own."""
    if context.stack is None:
        raise SoakFailedError("A contest needs a suite of its own.")
    size = Size(HALLS, context.counts["days"], SEATS, HOLD_SECONDS)
    suite = await open_suite(context.stack, context.stage, size)
    return await Contest(suite, context.seed, context.counts).run(context)
