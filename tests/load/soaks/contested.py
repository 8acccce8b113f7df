"""Many buyers after few seats: purchases, declines, releases, lapses and late payments mixed.

The clock jumps past the holds' deadline while customers are on the payment page. At the end each
sold seat is one buyer's, the provider took what the confirmed orders cost, and every check holds.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2, seat_pb2

from deploy.demo.buyer import FINAL_STATES, Buyer, reason_of
from deploy.demo.stage import CALL_TIMEOUT_S
from deploy.local.identities import Identities
from deploy.local.state_folder import StateFolder
from tests.faults.patience import persist
from tests.faults.suite import OPTIONS, Suite, open_suite
from tests.load.journeys.sessions import Sessions
from tests.load.programme import Size
from tests.load.soak.context import SoakContext, SoakFailedError

COUNTS: Mapping[str, int] = {"buyers": 20_000, "at_once": 48, "open_screenings": 3, "days": 25}
HALLS = 4
SEATS = 148
HOLD_SECONDS = 600
__all__ = ["COUNTS", "OPTIONS", "run"]
# What a buyer means to do once the seats are held, and how many of a hundred do.
PLANS = {"buy": 60, "declined first": 10, "abandon": 8, "release": 8, "walk away": 8, "dawdle": 6}
MAX_PARTY = 4
MAX_CHOICES = 3
# With fewer seats left a screening makes room for the next one.
MIN_SEATS_LEFT = 8
BUYERS_BETWEEN_JUMPS = 60
MAX_SETTLE_S = 90.0
PROGRESS_EVERY = 500
POLL_S = 0.1
Order = order_pb2.Order


@dataclass
class Contest:
    """A contest on a running suite; a suite may be used for one contest only."""

    suite: Suite
    seed: int
    counts: Mapping[str, int]
    outcomes: Counter[str] = field(default_factory=Counter)
    sold: dict[tuple[str, str], str] = field(default_factory=dict)
    money_due: int = 0
    # Paid as the clock jumped past the deadline: expired, and perhaps rescued afterwards.
    _paid_late: list[tuple[Buyer, str]] = field(default_factory=list)
    _open: list[str] = field(init=False)
    _later: Iterator[str] = field(init=False)
    _sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        # The last ones start long after the clock's last jump.
        self._later = iter(reversed(self.suite.programme.screening_ids))
        self._open = [next(self._later) for _ in range(self.counts["open_screenings"])]
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
        await self._judge(context)
        return {
            "buyers": self.outcomes.total(),
            "seats sold": len(self.sold),
            "minor units taken": self.money_due,
            "outcomes": dict(self.outcomes.most_common()),
        }

    async def _buyer(self, random: Random) -> str:
        ((_, token),) = self._sessions.new_guest()
        # A longer run of digits might look like the number of a payment card, which is refused.
        email = f"soak.{uuid4().hex[:12]}@example.com"
        buyer = Buyer(self.suite.stage, "Soak", email, token.removeprefix("Bearer "))
        hold = await self._hold(buyer, random)
        if hold is None:
            return "no seats"
        (plan,) = random.choices(list(PLANS), list(PLANS.values()))
        try:
            return await self._carry_out(plan, buyer, hold, random)
        except grpc.aio.AioRpcError as error:
            # The clock may jump at any moment: these are the clear ways to be too late.
            if reason_of(error) in {"HOLD_EXPIRED", "TOO_LITTLE_TIME", "ORDER_NOT_PAYABLE"}:
                return f"too late: {reason_of(error)}"
            raise

    async def _hold(self, buyer: Buyer, random: Random) -> hold_pb2.Hold | None:
        for _ in range(MAX_CHOICES):
            screening_id = random.choice(self._open)
            parties = self.suite.programme.parties(random.randint(1, MAX_PARTY))
            seats, request_id = random.choice(parties), str(uuid4())
            try:
                return await persist(lambda: buyer.hold(screening_id, seats, request_id=request_id))  # noqa: B023
            except grpc.aio.AioRpcError as error:
                if reason_of(error) != "SEAT_UNAVAILABLE":
                    raise
        return None

    async def _carry_out(self, plan: str, buyer: Buyer, hold: hold_pb2.Hold, random: Random) -> str:
        if plan == "walk away":
            return plan
        if plan == "release":
            await persist(lambda: buyer.release(hold))
            return plan
        request_id = str(uuid4())
        order = await persist(lambda: buyer.place(hold, request_id=request_id))
        order = await self._address(buyer, order)
        if plan == "abandon":
            order = await persist(lambda: buyer.abandon(order.id))
            return f"{plan}: {Order.State.Name(order.state)}"
        if plan == "declined first" and await self._on_page(buyer, order, "decline"):
            order = await self._tried_again(buyer, order)
        if plan == "dawdle":
            await asyncio.sleep(random.uniform(0.5, 3.0))
        if not await self._on_page(buyer, order, "pay"):
            # The clock jumps on the provider first: its page may close while the seats are held.
            order = await persist(lambda: buyer.abandon(order.id))
            return f"page closed: {Order.State.Name(order.state)}"
        order = await self._ended(buyer, order)
        if order.state == Order.STATE_CONFIRMED:
            self._remember(order)
        elif order.state == Order.STATE_EXPIRED:
            self._paid_late.append((buyer, order.id))
        return f"{plan}: {Order.State.Name(order.state)}"

    async def _tried_again(self, buyer: Buyer, order: order_pb2.Order) -> order_pb2.Order:
        async with asyncio.timeout(MAX_SETTLE_S):
            while True:
                try:
                    again = await persist(lambda: buyer.retry_payment(order.id))
                except grpc.aio.AioRpcError as error:
                    if reason_of(error) != "PAYMENT_STILL_OPEN":
                        raise
                else:
                    return await self._address(buyer, again)
                await asyncio.sleep(POLL_S)

    async def _address(self, buyer: Buyer, order: order_pb2.Order) -> order_pb2.Order:
        """Wait for the page's address, or the order's end."""
        async with asyncio.timeout(MAX_SETTLE_S):
            while not order.redirect_url and order.state not in FINAL_STATES:
                await asyncio.sleep(POLL_S)
                order = await persist(lambda: buyer.order(order.id))  # noqa: B023
        return order

    async def _on_page(self, buyer: Buyer, order: order_pb2.Order, action: str) -> bool:
        """Act on the page; False when there is none, or it had closed."""
        if not order.redirect_url:
            return False
        try:
            await buyer.on_page(order, action)
        except RuntimeError:
            return False
        return True

    async def _ended(self, buyer: Buyer, order: order_pb2.Order) -> order_pb2.Order:
        until = time.monotonic() + MAX_SETTLE_S
        while order.state not in FINAL_STATES:
            if time.monotonic() > until:
                raise SoakFailedError(
                    f"Seed {self.seed}: not final after {MAX_SETTLE_S} s: {order}"
                )
            await asyncio.sleep(POLL_S)
            order = await persist(lambda: buyer.order(order.id))  # noqa: B023
        return order

    def _remember(self, order: order_pb2.Order) -> None:
        self.money_due += order.money_due.minor_units
        for line in order.lines:
            seat = (order.screening_id, line.seat_id)
            if seat in self.sold:
                text = f"Seed {self.seed}: {seat} is sold to {self.sold[seat]} and {order.id}"
                raise SoakFailedError(text)
            self.sold[seat] = order.id

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

    async def _judge(self, context: SoakContext) -> None:
        broken = [line.text() for line in await self.suite.verify() if not line.holds]
        context.must(not broken, "\n".join(["checks fail:", *broken]))
        for buyer, order_id in self._paid_late:
            order = await persist(lambda: buyer.order(order_id))  # noqa: B023
            if order.state == Order.STATE_CONFIRMED:
                self._remember(order)
        taken = sum(
            int(order["captured"]) - int(order["refunded"])
            for order in await self.suite.stage.provider_orders()
        )
        context.must(
            taken == self.money_due, f"the provider took {taken}, orders cost {self.money_due}"
        )


async def run(context: SoakContext) -> dict[str, object]:
    """Hold a contest on a suite of its own."""
    if context.stack is None:
        raise SoakFailedError("A contest needs a suite of its own.")
    size = Size(HALLS, context.counts["days"], SEATS, HOLD_SECONDS)
    suite = await open_suite(context.stack, context.stage, size)
    return await Contest(suite, context.seed, context.counts).run(context)
