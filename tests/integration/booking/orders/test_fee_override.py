"""Staff give a service fee back: two of them, once, over a real channel, on a real PostgreSQL."""

from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import box_office_service_pb2 as pb
from cinema.booking.v1 import order_pb2

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_returns import FEE_REFUND_LEG, REFUND_LEG, refund_id_of
from services.booking.use_cases.payment_ports import RefundAnswer, RefundState
from services.common.money import Money
from tests.integration.booking.orders.serving import Calls
from tests.integration.booking.orders.test_cancellations import buy, cancel, complaints
from tests.kit.booking_rpc import as_staff, refused
from tests.kit.booking_seats import CINEMA_ID

ANA = as_staff("cinema_manager", cinemas=(CINEMA_ID,))
DAN = as_staff("cinema_manager", cinemas=(CINEMA_ID,))
BACK = RefundAnswer(RefundState.COMPLETED)
FAILED_PRECONDITION = grpc.StatusCode.FAILED_PRECONDITION
Answer = pb.OverrideFeeRefundResponse


def asking(order_id: UUID | str, reason: str = "A court said so.") -> pb.OverrideFeeRefundRequest:
    return pb.OverrideFeeRefundRequest(
        order_id=str(order_id), reason=reason, request_id=str(uuid4())
    )


async def agreed(calls: Calls, order: Order) -> Any:
    await calls.office.OverrideFeeRefund(asking(order.id), metadata=ANA)
    return await calls.office.OverrideFeeRefund(asking(order.id), metadata=DAN)


@pytest.mark.rule("OTC-11")
async def test_a_fee_goes_back_when_a_second_person_agrees_and_the_tickets_stay(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    order = await shop.buy(screening_id)

    proposed = await calls.office.OverrideFeeRefund(asking(order.id, "Court"), metadata=ANA)
    await shop.drive(order)
    untouched = dict(shop.payments.refunds)
    done = await calls.office.OverrideFeeRefund(asking(order.id), metadata=DAN)
    await shop.drive(order)
    shop.payments.settle(order, BACK, FEE_REFUND_LEG)
    final = await shop.drive(order)

    assert (proposed.state, proposed.amount.minor_units) == (Answer.STATE_AWAITING_SECOND, 400)
    assert untouched == {}
    assert (done.state, done.amount.minor_units) == (Answer.STATE_AGREED, 400)
    assert (done.proposed_by, done.proposed_reason) == (proposed.proposed_by, "Court")
    assert done.order.state == order_pb2.Order.STATE_CONFIRMED
    assert shop.payments.refunds == {refund_id_of(order.id, FEE_REFUND_LEG): Money("RON", 400)}
    assert final.state is OrderState.CONFIRMED
    assert final.leg(FEE_REFUND_LEG).state is LegState.DONE
    assert await shop.count("audit WHERE action = 'OverrideFeeRefund'") == 2
    assert await shop.count("mail WHERE kind = 'refund-done'") == 1
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-11")
async def test_nobody_agrees_with_themselves(calls: Calls, screening_id: UUID) -> None:
    order = await calls.shop.buy(screening_id)
    await calls.office.OverrideFeeRefund(asking(order.id), metadata=ANA)

    refusal = await refused(calls.office.OverrideFeeRefund(asking(order.id), metadata=ANA))
    await calls.shop.drive(order)
    done = await calls.office.OverrideFeeRefund(asking(order.id), metadata=DAN)

    assert (refusal.code, refusal.reason) == (FAILED_PRECONDITION, "SECOND_PERSON_NEEDED")
    assert done.state == Answer.STATE_AGREED


@pytest.mark.rule("OTC-11")
async def test_the_same_request_again_gets_the_same_answer_and_agrees_to_nothing(
    calls: Calls, screening_id: UUID
) -> None:
    order = await calls.shop.buy(screening_id)
    request = asking(order.id)

    first = await calls.office.OverrideFeeRefund(request, metadata=ANA)
    again = await calls.office.OverrideFeeRefund(request, metadata=ANA)

    assert again == first
    assert (await calls.shop.read(order)).refund_legs == []


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-44")
async def test_a_fee_goes_back_once_also_after_everything_else(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    order = await buy(shop, screening_id)
    await cancel(shop, order)
    await shop.drive(order)

    await agreed(calls, order)
    await shop.drive(order)
    refusals = [
        await refused(calls.office.OverrideFeeRefund(asking(order.id), metadata=who))
        for who in (ANA, DAN)
    ]

    assert [each.reason for each in refusals] == ["FEE_ALREADY_REFUNDED"] * 2
    assert shop.payments.refunds == {
        refund_id_of(order.id, REFUND_LEG): Money("RON", 6_000),
        refund_id_of(order.id, FEE_REFUND_LEG): Money("RON", 400),
    }
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-11")
async def test_who_cancels_after_the_fee_came_back_gets_the_rest(
    calls: Calls, screening_id: UUID
) -> None:
    shop = calls.shop
    order = await buy(shop, screening_id)
    await agreed(calls, order)
    await shop.drive(order)

    await cancel(shop, order)
    await shop.drive(order)

    assert sorted(amount.minor_units for amount in shop.payments.refunds.values()) == [400, 6_000]
    assert await complaints(shop) == []


@pytest.mark.rule("OTC-11")
async def test_staff_of_another_cinema_and_cashiers_give_no_fee_back(
    calls: Calls, screening_id: UUID
) -> None:
    order = await calls.shop.buy(screening_id)
    elsewhere = as_staff("cinema_manager", cinemas=("1808",))
    cashier = as_staff("cashier", cinemas=(CINEMA_ID,))

    wrong = await refused(calls.office.OverrideFeeRefund(asking(order.id), metadata=elsewhere))
    forbidden = await refused(calls.office.OverrideFeeRefund(asking(order.id), metadata=cashier))
    unknown = await refused(calls.office.OverrideFeeRefund(asking(uuid4()), metadata=ANA))

    assert (wrong.code, wrong.reason) == (grpc.StatusCode.PERMISSION_DENIED, "WRONG_CINEMA")
    assert forbidden.code is grpc.StatusCode.PERMISSION_DENIED
    assert unknown.reason == "ORDER_NOT_FOUND"
    assert await calls.shop.count("fee_override") == 0


@pytest.mark.rule("OTC-11")
async def test_an_order_without_tickets_has_no_fee_to_give_back(
    calls: Calls, screening_id: UUID
) -> None:
    order = await calls.shop.place(screening_id, ["A1", "A2"])

    refusal = await refused(calls.office.OverrideFeeRefund(asking(order.id), metadata=ANA))

    assert (refusal.reason, refusal.metadata["state"]) == ("NO_FEE_TO_REFUND", "AWAITING_PAYMENT")


async def test_a_fee_that_went_back_without_a_second_person_is_seen(
    calls: Calls, screening_id: UUID
) -> None:
    order = await calls.shop.buy(screening_id)
    await agreed(calls, order)

    await calls.shop.process.database.fetch("DELETE FROM fee_override")

    assert any("proposed by" in each.detail for each in await complaints(calls.shop))
