"""Too much to do: new buyers are asked to come back, those who have seats get their tickets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2
from cinema.booking.v1.booking_service_pb2_grpc import (
    BookingServiceStub,
    add_BookingServiceServicer_to_server,
)
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import (
    PaymentDecisionServiceStub,
    add_PaymentDecisionServiceServicer_to_server,
)
from cinema.type.v1.money_pb2 import Money
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.booking.domain.order import Order
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.handlers.payment_decision_servicer import PaymentDecisionServicer
from services.booking.use_cases.payment_ports import PaymentAnswer
from services.common.rpc.paging import PageTokens
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import TOKENS, FakePayments
from tests.kit.booking_rpc import Metadata, as_guest, as_payment, refused, served

# More than the few stragglers that tell nothing of load.
ORDERS_UNDER_WAY = 4


@dataclass
class SlowPayments(FakePayments):
    """Opens payments only while `gate` is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def create(self, order: Order, time_left: timedelta) -> PaymentAnswer:
        self.waiting.release()
        await self.gate.wait()
        return await super().create(order, time_left)


@dataclass
class Busy:
    """A booking whose calls are under way too long as soon as four take a millisecond."""

    booking: Any
    decisions: Any
    health: Any
    payments: SlowPayments
    screening_id: UUID

    async def hold(self, seat_id: str, guest: Metadata) -> hold_pb2.Hold:
        request = pb.HoldSeatsRequest(
            screening_id=str(self.screening_id),
            seat_ids=[seat_id],
            tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=1)],
            request_id=str(uuid4()),
        )
        answer = await self.booking.HoldSeats(request, metadata=guest)
        return answer.hold

    async def place(self, hold: hold_pb2.Hold, guest: Metadata) -> order_pb2.Order:
        request = pb.PlaceOrderRequest(
            screening_id=hold.screening_id,
            hold_id=hold.id,
            contact=order_pb2.Contact(
                first_name="Ana", last_name="Ionescu", email="ana@example.test", language_code="ro"
            ),
            terms_accepted=True,
            gtc_version=hold.gtc_version,
            otc_version=hold.otc_version,
            return_url="https://parterre.example/thank-you",
            request_id=str(uuid4()),
        )
        answer = await self.booking.PlaceOrder(request, metadata=guest)
        return answer.order

    async def decide(self, order: order_pb2.Order) -> Any:
        total = order.total
        request = decision_pb.DecideAuthorizationRequest(
            reference_id=order.id,
            attempt=1,
            amount=Money(currency_code=total.currency_code, minor_units=total.minor_units),
            request_id=str(uuid4()),
        )
        return await self.decisions.DecideAuthorization(request, metadata=as_payment())


@pytest.fixture
async def busy(process: Process, screening_id: UUID) -> AsyncIterator[Busy]:
    payments = SlowPayments()
    use = Shop(process, payments=payments).use
    nobody: Any = None
    booking = BookingServicer(
        hold_seats=process.hold_seats,
        get_seat_map=process.get_seat_map,
        feeds=nobody,
        place_order=use.place_order,
        get_order=use.get_order,
        list_tickets=use.list_tickets,
        order_tokens=TOKENS,
        page_tokens=PageTokens.from_secret(b"pages"),
        **dict.fromkeys(NOT_CALLED, nobody),
    )
    async with served(
        partial(add_BookingServiceServicer_to_server, booking),
        partial(
            add_PaymentDecisionServiceServicer_to_server,
            PaymentDecisionServicer(use.decide_authorization),
        ),
        shed_call_age_ms=1,
    ) as channel:
        health: Any = health_pb2_grpc.HealthStub
        yield Busy(
            BookingServiceStub(channel),
            PaymentDecisionServiceStub(channel),
            health(channel),
            payments,
            screening_id,
        )


NOT_CALLED = (
    "start_session",
    "get_hold",
    "change_hold",
    "release_hold",
    "list_tenders",
    "retry_payment",
    "abandon_order",
    "list_orders",
    "request_remedy",
    "cancel_order",
    "resend_confirmation",
    "complaints",
    "desk",
)


async def test_under_overload_new_buyers_are_refused_and_running_purchases_end(busy: Busy) -> None:
    busy.payments.gate.set()
    buyer = as_guest()
    order = await busy.place(await busy.hold("A1", buyer), buyer)
    guests = [as_guest() for _ in range(ORDERS_UNDER_WAY)]
    holds = [await busy.hold(f"B{n}", guest) for n, guest in enumerate(guests, start=1)]
    busy.payments.gate.clear()
    pending = [
        asyncio.create_task(busy.place(hold, guest))
        for hold, guest in zip(holds, guests, strict=True)
    ]
    for _ in range(1 + ORDERS_UNDER_WAY):
        await busy.payments.waiting.acquire()
    await busy.hold("C1", as_guest())  # Somebody is let in now and then, to see how it goes.

    late = await refused(busy.hold("C2", as_guest()))
    decision = await busy.decide(order)
    read = await busy.booking.GetOrder(pb.GetOrderRequest(order_id=order.id), metadata=buyer)
    health = await busy.health.Check(health_pb2.HealthCheckRequest())

    assert (late.code, late.reason) == (grpc.StatusCode.UNAVAILABLE, "OVERLOADED")
    assert late.retry_after_ms is not None
    assert late.retry_after_ms >= 500
    assert decision.decision == decision_pb.DECISION_GRANT
    assert read.order.state == order_pb2.Order.STATE_COMPLETING
    assert health.status == health_pb2.HealthCheckResponse.SERVING

    busy.payments.gate.set()
    orders = await asyncio.gather(*pending)
    await busy.hold("C2", as_guest())
    await busy.hold("C3", as_guest())

    assert {each.state for each in orders} == {order_pb2.Order.STATE_AWAITING_PAYMENT}
