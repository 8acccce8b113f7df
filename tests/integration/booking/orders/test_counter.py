"""What staff do at the counter about orders: over a real channel, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1 import order_pb2

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
