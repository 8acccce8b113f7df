"""Booking's calls about orders over a real channel, on a shop's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2
from cinema.booking.v1.booking_service_pb2_grpc import (
    BookingServiceStub,
    add_BookingServiceServicer_to_server,
)
from cinema.booking.v1.box_office_service_pb2_grpc import (
    BoxOfficeServiceStub,
    add_BoxOfficeServiceServicer_to_server,
)
from cinema.booking.v1.leg_decision_service_pb2_grpc import (
    LegDecisionServiceStub,
    add_LegDecisionServiceServicer_to_server,
)
from cinema.payment.v1 import payment_decision_service_pb2 as decision_pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import (
    PaymentDecisionServiceStub,
    add_PaymentDecisionServiceServicer_to_server,
)

from services.booking.domain.hold import Hold
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.handlers.box_office_servicer import BoxOfficeServicer
from services.booking.handlers.leg_decision_servicer import LegDecisionServicer
from services.booking.handlers.payment_decision_servicer import PaymentDecisionServicer
from services.common.rpc.paging import PageTokens
from tests.kit.booking_orders import TOKENS
from tests.kit.booking_rpc import as_guest, as_payment, served

if TYPE_CHECKING:
    from tests.integration.booking.orders.conftest import Shop

SESSION = "0198c0de-0000-7000-8000-0000000005e5"
GUEST = f"guest:{SESSION}"
AS_GUEST = as_guest(SESSION)


@dataclass
class Calls:
    booking: Any
    decisions: Any
    legs: Any
    shop: "Shop"
    office: Any


@asynccontextmanager
async def serving(shop: "Shop") -> AsyncIterator[Calls]:
    """Serve the calls of one process."""
    nobody: Any = None  # Seats are not called here.
    use = shop.use
    booking = BookingServicer(
        place_order=use.place_order,
        retry_payment=use.retry_payment,
        abandon_order=use.abandon_order,
        cancel_order=use.cancel_order,
        get_order=use.get_order,
        list_orders=use.list_orders,
        list_tickets=use.list_tickets,
        request_remedy=use.remedies.request_remedy,
        complaints=shop.desk.complaints,
        resend_confirmation=use.resend_confirmation,
        desk=shop.desk.calls,
        order_tokens=TOKENS,
        page_tokens=PageTokens.from_secret(b"pages"),
        start_session=nobody,
        get_seat_map=nobody,
        feeds=nobody,
        hold_seats=nobody,
        get_hold=nobody,
        change_hold=nobody,
        release_hold=nobody,
        list_tenders=nobody,
    )
    office = BoxOfficeServicer(
        complaints=shop.desk.complaint_office,
        remedies=use.remedies.office,
        counter=shop.counter,
        page_tokens=PageTokens.from_secret(b"pages"),
        block_seats=nobody,
        unblock_seats=nobody,
        list_seat_blocks=nobody,
    )
    async with served(
        partial(add_BookingServiceServicer_to_server, booking),
        partial(add_BoxOfficeServiceServicer_to_server, office),
        partial(
            add_PaymentDecisionServiceServicer_to_server,
            PaymentDecisionServicer(use.decide_authorization),
        ),
        partial(
            add_LegDecisionServiceServicer_to_server, LegDecisionServicer(use.get_leg_decision)
        ),
    ) as channel:
        yield Calls(
            BookingServiceStub(channel),
            PaymentDecisionServiceStub(channel),
            LegDecisionServiceStub(channel),
            shop,
            BoxOfficeServiceStub(channel),
        )


def a_request(hold: Hold, **changes: Any) -> pb.PlaceOrderRequest:
    fields: dict[str, Any] = {
        "screening_id": str(hold.screening_id),
        "hold_id": str(hold.id),
        "contact": order_pb2.Contact(
            first_name="Ana", last_name="Ionescu", email="ana@example.test", language_code="ro"
        ),
        "terms_accepted": True,
        "gtc_version": hold.terms.gtc_version,
        "otc_version": hold.terms.otc_version,
        "return_url": "https://shop.example/back",
        "request_id": str(uuid4()),
    }
    return pb.PlaceOrderRequest(**fields | changes)


async def pay(calls: Calls, order: order_pb2.Order) -> Any:
    """The customer pays, payment asks, and the order is driven to its tickets."""
    stored = await calls.shop.use.store.read(UUID(order.id))
    calls.shop.payments.authorize(stored)
    answer = await calls.decisions.DecideAuthorization(
        decision_pb.DecideAuthorizationRequest(
            reference_id=order.id, attempt=1, amount=order.money_due, request_id=str(uuid4())
        ),
        metadata=as_payment(),
    )
    calls.shop.payments.granted.add((stored.id, 1))
    await calls.shop.use.drive_order(stored.id)
    return answer
