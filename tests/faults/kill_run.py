"""One purchase, one kill: a mixed order by place and card, and a victim that dies on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2, order_pb2
from cinema.catalog.v1 import programme_service_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.stage import CALL_TIMEOUT_S
from tests.faults import victims
from tests.faults.patience import persist
from tests.faults.steps import Hold, Step
from tests.faults.suite import Suite, screenings_of
from tests.faults.watch import Watch

Answer = TypeVar("Answer")
MAX_DELAY_S = 0.030
ATTEMPT_TIMEOUT_S = 6.0
MAX_WAIT_FOR_END_S = 90.0
# The order is read by its owner, so it is no surprise when this takes a while after a kill.
Order = order_pb2.Order


@dataclass
class KillRun:
    """Buys while `victim` is killed at `step`, and is started again. Use it once."""

    suite: Suite
    victim: str
    step: Step
    random: random.Random
    struck: bool = False
    _returning: asyncio.Task[None] | None = None
    _watch: Watch = field(init=False)

    async def buy(self) -> tuple[Buyer, str, Order]:
        """Buy to the end; gives the buyer, the card and the order in its final state."""
        buyer, card_id = await self.suite.buyer_with_card("Kill")
        async with Watch(self.suite) as self._watch:
            try:
                order = await self._path(buyer, card_id)
            finally:
                if self._returning is not None:
                    await self._returning
            order = await self._end_of(buyer, order.id)
        return buyer, card_id, order

    async def _path(self, buyer: Buyer, card_id: str) -> Order:
        suite, sale = self.suite, self.suite.next_sale()
        programme, booking = suite.stage.programme, buyer.booking
        assert sale.screening_id in await self._at("ListScreenings", lambda: screenings_of(suite))
        read = programme_service_pb2.GetScreeningRequest(screening_id=sale.screening_id)
        screening = await persist(lambda: programme.GetScreening(read, timeout=CALL_TIMEOUT_S))
        plan = programme_service_pb2.GetSeatPlanRequest(
            seat_plan_id=screening.screening.seat_plan_id
        )
        await self._at("GetSeatPlan", lambda: programme.GetSeatPlan(plan, timeout=CALL_TIMEOUT_S))
        seats = booking_service_pb2.GetSeatMapRequest(screening_id=sale.screening_id)
        await self._at("GetSeatMap", lambda: booking.GetSeatMap(seats, timeout=CALL_TIMEOUT_S))
        hold_request, order_request = str(uuid4()), str(uuid4())
        hold = await self._at(
            "HoldSeats",
            lambda: buyer.hold(sale.screening_id, sale.seats, request_id=hold_request),
        )
        self._watch.hold_id = hold.id
        await self._at("ListTenders", lambda: buyer.tenders(hold))
        places = {card_id: sale.seats[:1]}
        order = await self._at(
            "PlaceOrder", lambda: buyer.place(hold, places, request_id=order_request)
        )
        self._watch.order_id = order.id
        order = await persist(lambda: buyer.payable(order))
        await self._at("the page", lambda: buyer.on_page(order, "pay"))
        return order

    async def _end_of(self, buyer: Buyer, order_id: str) -> Order:
        ends = (Order.STATE_CONFIRMED, Order.STATE_EXPIRED, Order.STATE_REFUSED)
        return await persist(
            lambda: buyer.await_state(order_id, *ends, timeout_s=MAX_WAIT_FOR_END_S)
        )

    async def _at(self, call: str, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make a call of the path, and kill around it if the step is here."""
        if self.step.call != call:
            return await persist(make)
        if self.step.before:
            await self._strike()
            return await persist(make)
        if self.step.inside is None:
            trap = asyncio.create_task(self._strike(self.random.uniform(0.0, MAX_DELAY_S)))
        else:
            frozen = await self._prepare(self.step.inside)
            trap = asyncio.create_task(self._spring(self.step.inside, frozen))
        try:
            return await persist(make)
        finally:
            await trap

    async def _prepare(self, hold: Hold) -> victims.Frozen:
        for fault in hold.faults:
            await self.suite.tell_provider("faults", fault)
        frozen = victims.Frozen(self.suite.stack)
        frozen.freeze(hold.frozen)
        return frozen

    async def _spring(self, hold: Hold, frozen: victims.Frozen) -> None:
        try:
            if hold.first is not None:
                await self._watch.until(hold.first)
                frozen.freeze(hold.then_frozen)
            await self._watch.until(hold.reached)
            await self._strike()
        finally:
            frozen.thaw()

    async def _strike(self, delay_s: float = 0.0) -> None:
        await asyncio.sleep(delay_s)
        await victims.kill(self.suite.stack, self.victim)
        self.struck = True
        self._returning = asyncio.create_task(victims.bring_back(self.suite.stack, self.victim))


async def provider_took(suite: Suite, order_id: str) -> int:
    """Sum what the provider captured for an order, in minor units."""
    orders: list[dict[str, Any]] = await suite.provider_orders_of(order_id)
    return sum(int(order["captured"]) for order in orders)
