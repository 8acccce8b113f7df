"""Granted payments that the provider drops, and money that makes no ticket."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from cinema.payment.v1 import events_pb2, refund_pb2
from cinema.type.v1.money_pb2 import Money as MoneyMessage
from google.protobuf.message import Message

from services.booking.domain.hold import HoldState
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.seats import SeatState
from services.booking.use_cases.get_leg_decision import LegWord
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.integration.booking.orders.test_checks import violations
from tests.integration.booking.orders.test_endings import retry_key
from tests.integration.booking.orders.test_events import told
from tests.kit.booking_orders import ACCOUNT

_Aside = events_pb2.PaymentQuarantined


async def mixed_order(shop: Shop, screening_id: UUID) -> tuple[Order, UUID]:
    """An order of two seats, one paid by a place and one in money."""
    card_id = shop.wallet.issue(3)
    hold = await shop.hold(screening_id, ["A1", "A2"], owner=ACCOUNT)
    return await shop.place_by_card(hold, card_id, ["A1"]), card_id


async def test_an_order_whose_granted_payment_is_lost_ends_and_gives_everything_back(
    shop: Shop, screening_id: UUID
) -> None:
    order, card_id = await mixed_order(shop, screening_id)
    await shop.pay(order)
    during = await shop.use.get_leg_decision(order.id, "places-1", 1)
    shop.payments.lose(order)

    await shop.drive(order)
    ended = await shop.drive(order)

    hold = await shop.process.get_hold(screening_id, order.hold_id, order.owner)
    assert ended.state is OrderState.EXPIRED
    assert [leg.state for leg in ended.legs] == [LegState.UNDONE, LegState.UNDONE]
    assert (await shop.process.states(screening_id))[:2] == [SeatState.FREE, SeatState.FREE]
    assert hold.state is HoldState.RELEASED
    assert shop.wallet.places[card_id] == 3
    assert shop.wallet.state_of(order) == "RESTORED"
    assert shop.payments.captures == []
    assert order.id in shop.payments.cancelled
    assert await shop.count("ticket") == 0
    assert "PAYMENT_LOST" in [entry.what for entry in ended.timeline]
    assert (await shop.events(order))[-1] == "OrderExpired"
    assert await violations(shop) == []
    after = await shop.use.get_leg_decision(order.id, "places-1", 1)
    assert during.word is after.word is LegWord.CAPTURE


async def test_the_seats_of_a_lost_payment_can_be_bought_by_somebody_else(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.pay(order)
    shop.payments.lose(order)
    await shop.drive(order)

    await shop.drive(order)
    again = await shop.buy(screening_id)

    assert again.state is OrderState.CONFIRMED
    assert await violations(shop) == []


async def test_the_answer_about_a_lost_payment_stays_the_same(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    first = await shop.pay(order)
    shop.payments.lose(order)
    await shop.drive(order)

    again = await shop.use.decide_authorization(order.id, 1, order.money_due)
    other = await shop.use.decide_authorization(order.id, 2, order.money_due)

    assert first == again.decision
    assert not other.decision.granted
    assert (await shop.read(order)).state is OrderState.EXPIRED


async def test_two_processes_that_find_it_lost_end_it_once(
    shop: Shop, new_shop: Callable[..., Shop], screening_id: UUID
) -> None:
    other = new_shop(like=shop)
    order = await shop.place(screening_id)
    await shop.pay(order)
    shop.payments.lose(order)

    for each in (shop, other, shop):
        await each.drive(order)

    ended = await shop.read(order)
    assert [entry.what for entry in ended.timeline].count("PAYMENT_LOST") == 1
    assert (await shop.events(order)).count("OrderExpired") == 1


def put_aside(order: Order, cause: "_Aside.Cause.ValueType") -> Message:
    return _Aside(
        exception_id=str(uuid4()),
        cause=cause,
        payment_id=str(uuid4()),
        reference_id=str(order.id),
        attempt=1,
        owner="booking",
    )


def refunded(order: Order) -> Message:
    return events_pb2.RefundCompleted(
        payment_id=str(uuid4()),
        owner="booking",
        reference_id=str(order.id),
        refund_id=str(uuid4()),
        amount=MoneyMessage(currency_code="RON", minor_units=6_399),
        reason=refund_pb2.REFUND_REASON_EXCEPTION,
    )


@pytest.mark.rule("OTC-13b")
async def test_a_wrong_amount_makes_no_ticket_and_the_buyer_may_pay_again(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    shop.payments.decline(order)

    await told(shop, "payment", put_aside(order, _Aside.CAUSE_WRONG_AMOUNT))
    await told(shop, "payment", refunded(order))

    aside = await shop.read(order)
    leg = aside.leg("payment")
    again = await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    assert (aside.state, leg.state) == (OrderState.AWAITING_PAYMENT, LegState.FAILED)
    assert leg.last_error == "WRONG_AMOUNT"
    assert [(entry.what, entry.detail) for entry in aside.timeline][-2:] == [
        ("PAYMENT_SET_ASIDE", "1 WRONG_AMOUNT"),
        ("PAYMENT_REFUNDED", "6399 RON"),
    ]
    assert again.leg("payment").attempt == 2
    assert await shop.count("ticket") == 0


@pytest.mark.rule("OTC-13b")
async def test_a_second_payment_of_a_confirmed_order_changes_nothing_and_is_told(
    shop: Shop, screening_id: UUID
) -> None:
    order = await shop.buy(screening_id)

    await told(shop, "payment", put_aside(order, _Aside.CAUSE_SECOND_PAYMENT))

    kept = await shop.read(order)
    assert kept.state is OrderState.CONFIRMED
    assert kept.timeline[-1].what == "PAYMENT_SET_ASIDE"
    assert await shop.count("ticket") == 2


@pytest.mark.parametrize(
    "changes",
    [{"owner": "wallet"}, {"cause": _Aside.CAUSE_CAPTURE_LOST}, {"owner": "", "reference_id": ""}],
)
async def test_what_is_none_of_our_business_is_left_alone(
    shop: Shop, screening_id: UUID, changes: dict[str, str]
) -> None:
    order = await shop.place(screening_id)
    message = put_aside(order, _Aside.CAUSE_WRONG_AMOUNT)
    for name, value in changes.items():
        setattr(message, name, value)

    await told(shop, "payment", message)

    assert (await shop.read(order)).version == order.version
