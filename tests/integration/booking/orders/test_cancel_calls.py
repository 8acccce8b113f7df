"""What a client sees of cancelling: over a real channel, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.order import Order
from services.booking.domain.order_returns import REFUND_LEG, refund_id_of
from tests.integration.booking.orders.conftest import Shop, StopClock
from tests.integration.booking.orders.serving import AS_GUEST, Calls
from tests.integration.booking.orders.test_cancellations import buy, last_moment
from tests.kit.booking_orders import ACCOUNT_ID, TOKENS
from tests.kit.booking_rpc import as_account, as_guest, refused

AS_OWNER = as_account(ACCOUNT_ID)
FAILED_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION


def a_request(order: Order, **changes: Any) -> pb.CancelOrderRequest:
    fields: dict[str, Any] = {
        "order_id": str(order.id),
        "whole_order": True,
        "request_id": str(uuid4()),
    }
    return pb.CancelOrderRequest(**fields | changes)


@pytest.fixture
async def order(shop: Shop, screening_id: UUID) -> Order:
    return await buy(shop, screening_id)


async def test_the_owner_is_told_what_would_come_back_and_cancels(
    calls: Calls, order: Order
) -> None:
    calls.shop.wallet.points[order.id] = 60
    request = a_request(order, validate_only=True, whole_order=False)

    preview = await calls.booking.CancelOrder(request, metadata=AS_OWNER)
    answer = await calls.booking.CancelOrder(a_request(order), metadata=AS_OWNER)

    back = preview.comes_back
    assert not preview.HasField("order")
    assert (back.refund.minor_units, back.kept.minor_units, back.points) == (6_000, 400, 60)
    assert answer.order.state == order_pb2.Order.STATE_CANCELLED
    assert answer.order.cancellation.cause == order_pb2.Cancellation.CAUSE_BUYER
    assert answer.comes_back.refund == back.refund
    (refund,) = [leg for leg in answer.order.legs if leg.kind == order_pb2.OrderLeg.KIND_REFUND]
    assert (refund.name, refund.next_step) == (REFUND_LEG, "SEND_REFUND")
    assert refund.refund_id == str(refund_id_of(order.id, REFUND_LEG))
    assert refund.state == order_pb2.OrderLeg.STATE_PENDING
    shares = [share for line in answer.order.lines for share in line.allocations]
    assert {share.part for share in shares if not share.refundable} == {
        order_pb2.Allocation.PART_SERVICE_FEE
    }


async def test_the_same_request_is_answered_alike_for_ever(calls: Calls, order: Order) -> None:
    request = a_request(order)
    first = await calls.booking.CancelOrder(request, metadata=AS_OWNER)
    await calls.shop.drive(order)

    again = await calls.booking.CancelOrder(request, metadata=AS_OWNER)

    assert again == first


async def test_a_request_id_is_not_used_for_another_cancellation(
    calls: Calls, order: Order
) -> None:
    request = a_request(order)
    await calls.booking.CancelOrder(request, metadata=AS_OWNER)
    other = await calls.shop.place(order.screening_id, ["B1"])

    refusal = await refused(
        calls.booking.CancelOrder(
            a_request(other, request_id=request.request_id), metadata=AS_OWNER
        )
    )

    assert refusal.reason in {"REQUEST_ID_REUSED", "ORDER_NOT_FOUND"}


@pytest.mark.rule("OTC-31a")
async def test_whoever_does_not_say_that_all_is_meant_is_told_so(
    calls: Calls, order: Order
) -> None:
    refusal = await refused(
        calls.booking.CancelOrder(a_request(order, whole_order=False), metadata=AS_OWNER)
    )

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "WHOLE_ORDER_ONLY")
    assert refusal.metadata == {"order_id": str(order.id), "tickets": "2"}


@pytest.mark.rule("OTC-32a")
@pytest.mark.rule("OTC-14.5c")
@pytest.mark.parametrize("validate_only", [False, True])
async def test_too_late_is_told_with_the_terms_own_figure(
    calls: Calls, order: Order, stop_clock: StopClock, *, validate_only: bool
) -> None:
    await stop_clock(last_moment(order) + timedelta(seconds=1))

    refusal = await refused(
        calls.booking.CancelOrder(a_request(order, validate_only=validate_only), metadata=AS_OWNER)
    )

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "TOO_LATE_TO_CANCEL")
    assert refusal.metadata["cancel_before_start_seconds"] == "7200"


@pytest.mark.rule("OTC-32a")
@pytest.mark.rule("OTC-32c")
async def test_a_guest_of_the_web_site_is_told_which_box_office_cancels(
    calls: Calls, screening_id: UUID
) -> None:
    order = await calls.shop.buy(screening_id)
    with_token = (*AS_GUEST, ("x-order-token", TOKENS.token_of(order.id)))

    refusal = await refused(calls.booking.CancelOrder(a_request(order), metadata=with_token))
    foreign = await refused(
        calls.booking.CancelOrder(a_request(order), metadata=as_guest(str(uuid4())))
    )

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "GUEST_CANCELS_AT_BOX_OFFICE")
    assert refusal.metadata["cinema_id"] == order.screening.cinema_id
    assert (foreign.code, foreign.reason) == (grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")
