"""What staff do at the counter about orders: over a real channel, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, order_pb2

from services.booking.domain.order import Order
from tests.integration.booking.orders.conftest import Shop, StopClock
from tests.integration.booking.orders.serving import Calls
from tests.integration.booking.orders.test_cancellations import complaints, last_moment
from tests.kit.booking_rpc import as_staff, refused
from tests.kit.booking_seats import CINEMA_ID

CASHIER = as_staff("cashier", cinemas=(CINEMA_ID,))
FAILED_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


async def code_of(shop: Shop, order: Order, number: int = 0) -> bytes:
    tickets = await shop.use.store.list_tickets(order, after_number="", limit=50)
    return tickets[number].qr_payload


async def a_request(
    shop: Shop, order: Order, **changes: Any
) -> pb.BoxOfficeServiceCancelOrderRequest:
    fields: dict[str, Any] = {
        "order_id": str(order.id),
        "qr_payload": await code_of(shop, order),
        "form_reference": "F-2026-117",
        "whole_order": True,
        "request_id": str(uuid4()),
    }
    return pb.BoxOfficeServiceCancelOrderRequest(**fields | changes)


@pytest.mark.rule("OTC-32c")
@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-42")
async def test_a_guest_with_ticket_and_form_gets_everything_back_at_the_counter(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    order = await shop.buy(screening_id)

    preview = await calls.office.CancelOrder(
        await a_request(shop, order, validate_only=True), metadata=CASHIER
    )
    request = await a_request(shop, order)
    answer = await calls.office.CancelOrder(request, metadata=CASHIER)
    again = await calls.office.CancelOrder(request, metadata=CASHIER)

    assert not preview.HasField("order")
    assert preview.comes_back.refund.minor_units == 6_000
    assert answer.order.state == order_pb2.Order.STATE_CANCELLED
    assert answer.order.cancellation.cause == order_pb2.Cancellation.CAUSE_BOX_OFFICE
    assert answer.order.cancellation.form_reference == "F-2026-117"
    assert again == answer
    audited = await shop.process.database.fetch("SELECT action, subject FROM audit")
    assert [tuple(row) for row in audited] == [("CancelOrder", str(order.id))]
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-32c")
@pytest.mark.rule("OTC-25")
@pytest.mark.rule("OTC-42")
async def test_without_its_ticket_an_order_is_not_cancelled(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    order, other = await shop.buy(screening_id), await shop.buy(screening_id, ["B1", "B2"])
    foreign = await a_request(shop, order, qr_payload=await code_of(shop, other))

    refusal = await refused(calls.office.CancelOrder(foreign, metadata=CASHIER))

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "TICKET_NOT_PRESENTED")


@pytest.mark.rule("OTC-32c")
async def test_staff_of_another_cinema_do_not_cancel(calls: Calls, screening_id: UUID) -> None:
    order = await calls.shop.buy(screening_id)
    elsewhere = as_staff("cashier", cinemas=("1808",))

    refusal = await refused(
        calls.office.CancelOrder(await a_request(calls.shop, order), metadata=elsewhere)
    )

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")


@pytest.mark.rule("OTC-32c")
async def test_the_counter_keeps_the_same_two_hours(
    calls: Calls, screening_id: UUID, stop_clock: StopClock
) -> None:
    shop = calls.shop
    order = await shop.buy(screening_id)
    request = await a_request(shop, order)

    await stop_clock(last_moment(order) + timedelta(seconds=1))
    refusal = await refused(calls.office.CancelOrder(request, metadata=CASHIER))
    await stop_clock(last_moment(order))
    answer = await calls.office.CancelOrder(request, metadata=CASHIER)

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "TOO_LATE_TO_CANCEL")
    assert answer.order.state == order_pb2.Order.STATE_CANCELLED


def a_sale(screening_id: UUID, *seat_ids: str, **changes: Any) -> pb.SellTicketsRequest:
    fields: dict[str, Any] = {
        "screening_id": str(screening_id),
        "seat_ids": seat_ids or ("A1", "A2"),
        "tickets": [hold_pb2.TicketCount(ticket_type="ADULT", count=len(seat_ids) or 2)],
        "tender": order_pb2.TILL_TENDER_CASH,
        "receipt_number": "0042/118",
        "request_id": str(uuid4()),
    }
    return pb.SellTicketsRequest(**fields | changes)


@pytest.mark.rule("OTC-19")
@pytest.mark.rule("OTC-1b")
async def test_a_till_sells_tickets_that_are_valid_at_once_without_any_fee(
    calls: Calls, screening_id: UUID
) -> None:
    request = a_sale(screening_id)

    sold = await calls.office.SellTickets(request, metadata=CASHIER)
    again = await calls.office.SellTickets(request, metadata=CASHIER)

    (till,) = sold.order.legs
    assert sold.order.state == order_pb2.Order.STATE_CONFIRMED
    assert sold.order.channel == order_pb2.CHANNEL_BOX_OFFICE
    assert sold.order.total.minor_units == 6_000
    assert (till.kind, till.state) == (order_pb2.OrderLeg.KIND_TILL, order_pb2.OrderLeg.STATE_DONE)
    assert (till.till_tender, till.receipt_number) == (order_pb2.TILL_TENDER_CASH, "0042/118")
    assert [ticket.seat_id for ticket in sold.tickets] == ["A1", "A2"]
    assert again == sold
    assert calls.shop.payments.attempts == {}
    assert await calls.shop.count("mail") == 0
    assert await calls.shop.count("audit WHERE action = 'SellTickets'") == 1
    assert await complaints(calls.shop) == []


@pytest.mark.rule("OTC-1b")
async def test_online_rules_do_not_bind_the_till(calls: Calls, screening_id: UUID) -> None:
    row = [f"A{number}" for number in range(2, 8)]
    others = [f"B{number}" for number in range(1, 9)]

    sold = await calls.office.SellTickets(a_sale(screening_id, *row, *others), metadata=CASHIER)

    assert len(sold.tickets) == 14


async def test_seats_that_are_taken_are_not_sold_at_the_till(
    calls: Calls, screening_id: UUID
) -> None:
    await calls.shop.buy(screening_id, ["A1", "A2"])

    refusal = await refused(
        calls.office.SellTickets(a_sale(screening_id, "A2", "A3"), metadata=CASHIER)
    )
    elsewhere = await refused(
        calls.office.SellTickets(
            a_sale(screening_id, "B1"), metadata=as_staff("cashier", cinemas=("1808",))
        )
    )

    assert refusal.reason == "SEAT_UNAVAILABLE"
    assert elsewhere.reason == "WRONG_CINEMA"
    assert await complaints(calls.shop) == []


@pytest.mark.rule("OTC-32e")
async def test_what_a_till_took_is_paid_out_at_the_counter_and_nowhere_else(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    sold = await calls.office.SellTickets(a_sale(screening_id), metadata=CASHIER)
    order = await shop.use.store.read(UUID(sold.order.id))
    request = await a_request(shop, order)

    elsewhere = await refused(
        calls.office.CancelOrder(request, metadata=as_staff("cashier", cinemas=("1808",)))
    )
    answer = await calls.office.CancelOrder(request, metadata=CASHIER)
    await shop.drive(order)

    (refund,) = [leg for leg in answer.order.legs if leg.kind == order_pb2.OrderLeg.KIND_REFUND]
    assert elsewhere.reason == "WRONG_CINEMA"
    assert answer.order.state == order_pb2.Order.STATE_CANCELLED
    assert (refund.state, refund.amount.minor_units) == (order_pb2.OrderLeg.STATE_DONE, 6_000)
    assert shop.payments.refunds == {}
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-32e")
async def test_a_till_order_is_cancelled_up_to_two_hours_before(
    calls: Calls, screening_id: UUID, stop_clock: StopClock
) -> None:
    sold = await calls.office.SellTickets(a_sale(screening_id), metadata=CASHIER)
    order = await calls.shop.use.store.read(UUID(sold.order.id))
    request = await a_request(calls.shop, order)

    await stop_clock(last_moment(order) + timedelta(seconds=1))
    refusal = await refused(calls.office.CancelOrder(request, metadata=CASHIER))
    await stop_clock(last_moment(order))
    answer = await calls.office.CancelOrder(request, metadata=CASHIER)

    assert refusal.reason == "TOO_LATE_TO_CANCEL"
    assert answer.order.state == order_pb2.Order.STATE_CANCELLED
