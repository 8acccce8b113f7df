"""The decision about an authorised payment, as far as the order itself can tell."""

from datetime import datetime, timedelta

import pytest

from services.booking.domain.authorization import judge
from services.booking.domain.decision import Decision, Refusal, Way
from services.booking.domain.order import OrderState
from services.booking.domain.order_leg import LegState
from tests.kit.booking_order_builders import DEADLINE, a_policy, an_order, ron

S = timedelta(seconds=1)
US = timedelta(microseconds=1)
RESCUE_END = DEADLINE + timedelta(minutes=30)


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (DEADLINE - S, Way.SELL),
        (DEADLINE - US, Way.SELL),
        (DEADLINE, Way.RETAKE),
        (DEADLINE + S, Way.RETAKE),
        (RESCUE_END - US, Way.RETAKE),
        (RESCUE_END, Refusal.HOLD_EXPIRED),
    ],
)
@pytest.mark.parametrize("state", [OrderState.PLACED, OrderState.AWAITING_PAYMENT])
def test_ten_minutes_are_over_at_their_very_end(
    state: OrderState, moment: datetime, verdict: Way | Refusal
) -> None:
    order = an_order(state, read_at=moment)

    assert judge(order, attempt=1, amount=order.money_due, on_sale=True) is verdict


@pytest.mark.rule("OTC-15")
def test_without_a_rescue_window_late_is_late() -> None:
    order = an_order(read_at=DEADLINE, policy=a_policy(rescue_seconds=0))

    assert judge(order, attempt=1, amount=order.money_due, on_sale=True) is Refusal.HOLD_EXPIRED


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("amount", [6_399, 6_401, 0, 64, 640_000])
def test_any_other_amount_is_refused(amount: int) -> None:
    order = an_order()

    assert judge(order, attempt=1, amount=ron(amount), on_sale=True) is Refusal.WRONG_AMOUNT


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("state", [OrderState.COMPLETING, OrderState.CONFIRMED])
def test_a_paid_order_is_not_paid_again(state: OrderState) -> None:
    order = an_order(state, money=LegState.COMMITTED)

    assert judge(order, attempt=1, amount=order.money_due, on_sale=True) is Refusal.ALREADY_PAID


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (OrderState.ABANDONED, Refusal.ABANDONED),
        (OrderState.REFUSED, Refusal.HOLD_EXPIRED),
        (OrderState.EXPIRED, Way.RETAKE),
    ],
)
def test_an_ended_order_is_refused_or_rescued(state: OrderState, verdict: Way | Refusal) -> None:
    order = an_order(state, money=LegState.UNDOING, read_at=DEADLINE + S)

    assert judge(order, attempt=1, amount=order.money_due, on_sale=True) is verdict


def test_a_screening_that_is_off_sale_takes_no_money() -> None:
    order = an_order()

    verdict = judge(order, attempt=1, amount=order.money_due, on_sale=False)

    assert verdict is Refusal.SCREENING_CHANGED


def test_only_the_present_attempt_counts() -> None:
    order = an_order()

    for attempt in (2, 20):
        verdict = judge(order, attempt=attempt, amount=order.money_due, on_sale=True)
        assert verdict is Refusal.UNKNOWN_REFERENCE


def test_nothing_is_granted_before_the_places_are_reserved() -> None:
    order = an_order(OrderState.PLACED, places=LegState.PENDING, money=LegState.PENDING)

    verdict = judge(order, attempt=1, amount=order.money_due, on_sale=True)

    assert verdict is Refusal.UNKNOWN_REFERENCE


def test_orders_with_places_and_decided_ones_are_not_rescued() -> None:
    with_places = an_order(places=LegState.OPEN, read_at=DEADLINE)
    decided = an_order(OrderState.EXPIRED, money=LegState.UNDOING, read_at=DEADLINE)
    decided.decisions[1] = Decision(1, Refusal.HOLD_EXPIRED)

    for order in (with_places, decided):
        verdict = judge(order, attempt=1, amount=order.money_due, on_sale=True)
        assert verdict is Refusal.HOLD_EXPIRED
