"""One purchase that something happens to: a mixed order, one seat by a place and one by card."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2, order_pb2
from cinema.catalog.v1 import programme_service_pb2

from deploy.demo.buyer import FINAL_STATES, Buyer
from deploy.demo.stage import CALL_TIMEOUT_S, until
from tests.faults.patience import persist
from tests.faults.striking import Striking
from tests.faults.suite import screenings_of
from tests.faults.watch import Watch

Order = order_pb2.Order
MAX_WAIT_FOR_END_S = 90.0


@dataclass(frozen=True)
class Bought:
    """A purchase that came to its end."""

    buyer: Buyer
    card_id: str
    order: Order


@dataclass
class Purchase(Striking):
    """Buys patiently while `strike` happens at `step`. Use it once."""

    async def buy(self) -> Bought:
        """Buy to the end, whatever it is."""
        buyer, card_id = await self.suite.buyer_with_card("Kill")
        async with Watch(self.suite) as self._watch:
            order = await self._path(buyer, card_id)
        return Bought(buyer, card_id, await self._end_of(buyer, order.id))

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
        order = await self._payable(buyer, order)
        await self._at("the page", lambda: buyer.on_page(order, "pay"))
        return order

    async def _payable(self, buyer: Buyer, order: Order) -> Order:
        """Wait for the payment page of an order that was placed while something was down."""

        async def has_page() -> Order | None:
            latest = await persist(lambda: buyer.order(order.id))
            return latest if latest.redirect_url else None

        if order.redirect_url:
            return order
        page: Order = await until(has_page, what="a payment page", timeout_s=MAX_WAIT_FOR_END_S)
        return page

    async def _end_of(self, buyer: Buyer, order_id: str) -> Order:
        async def is_over() -> Order | None:
            latest = await persist(lambda: buyer.order(order_id))
            return latest if latest.state in FINAL_STATES else None

        what = f"an end of order {order_id}"
        order: Order = await until(is_over, what=what, timeout_s=MAX_WAIT_FOR_END_S)
        return order
