"""Customers of a soak who hold seats and carry out what they mean to do with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from uuid import uuid4

import grpc
from cinema.booking.v1 import hold_pb2, order_pb2

from deploy.demo.buyer import FINAL_STATES, Buyer, reason_of
from tests.faults.patience import persist
from tests.faults.suite import Suite
from tests.load.soak.context import SoakContext, SoakFailedError

# What a customer means to do once the seats are held, and how many of a hundred do.
PLANS: Mapping[str, int] = MappingProxyType(
    {
        "buy": 60,
        "declined first": 10,
        "abandon": 8,
        "release": 8,
        "walk away": 8,
        "dawdle": 6,
    }
)
# The clock may run or jump past the deadline at any moment: these are the clear ways to be late.
TOO_LATE = frozenset({"HOLD_EXPIRED", "TOO_LITTLE_TIME", "ORDER_NOT_PAYABLE"})
MAX_SETTLE_S = 90.0
POLL_S = 0.1
Order = order_pb2.Order


@dataclass
class Shoppers:
    """Carries out plans and remembers what was sold to whom, and what it cost."""

    suite: Suite
    seed: int
    sold: dict[tuple[str, str], str] = field(default_factory=dict)
    money_due: int = 0
    # Paid too late: expired, and perhaps rescued afterwards.
    _paid_late: list[tuple[Buyer, str]] = field(default_factory=list)

    def buyer(self, token: str) -> Buyer:
        """Give a guest of their own."""
        # A longer run of digits might look like the number of a payment card, which is refused.
        return Buyer(self.suite.stage, "Soak", f"soak.{uuid4().hex[:12]}@example.com", token)

    async def shop(self, buyer: Buyer, hold: hold_pb2.Hold, random: Random) -> str:
        """Choose a plan, carry it out and give its outcome."""
        (plan,) = random.choices(list(PLANS), list(PLANS.values()))
        try:
            return await self._carry_out(plan, buyer, hold, random)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) in TOO_LATE:
                return f"too late: {reason_of(error)}"
            raise

    async def judge(self, context: SoakContext) -> None:
        """See that every check holds and that the provider took what the orders cost."""
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
            # The provider's page closes before the seats are given up.
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
                text = f"Seed {self.seed}: not final after {MAX_SETTLE_S} s: {order}"
                raise SoakFailedError(text)
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
