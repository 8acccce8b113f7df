"""Money that comes otherwise than it should, and deadlines that are lengthened."""

from datetime import timedelta

import pytest

from services.booking.domain.order import OrderMoveError, OrderState
from services.booking.domain.order_leg import LegMoveError, LegState
from services.booking.domain.order_steps import Step, StepKind, next_step
from tests.kit.booking_order_builders import DEADLINE, NOW, an_order

S = OrderState
L = LegState
FIVE_MINUTES = timedelta(minutes=5)


def test_a_granted_payment_that_is_lost_ends_the_order_and_gives_its_places_back() -> None:
    order = an_order(S.COMPLETING, money=L.COMMITTED, places=L.DONE, granted=True)

    ended = order.payment_lost(1)

    assert ended
    assert order.state is S.EXPIRED
    assert [leg.state for leg in order.legs] == [L.UNDOING, L.UNDOING]
    assert next_step(order) == Step(StepKind.CANCEL_PAYMENT, "payment")
    order.leg_undone("payment")
    assert next_step(order) == Step(StepKind.RESTORE_PLACES, "places-1")
    assert not order.rescuable


@pytest.mark.parametrize(
    "state", [S.PLACED, S.AWAITING_PAYMENT, S.CONFIRMED, S.EXPIRED, S.ABANDONED, S.REFUSED]
)
def test_only_an_order_that_is_being_completed_can_lose_its_payment(state: OrderState) -> None:
    order = an_order(state, granted=True)

    assert not order.payment_lost(1)
    assert order.state is state


def test_a_payment_that_was_never_granted_or_is_taken_cannot_be_lost() -> None:
    with pytest.raises(OrderMoveError):
        an_order(S.COMPLETING, money=L.COMMITTED).payment_lost(1)
    with pytest.raises(LegMoveError):
        an_order(S.COMPLETING, money=L.DONE, granted=True).payment_lost(1)


def test_places_are_captured_before_anything_is_given_up() -> None:
    order = an_order(S.COMPLETING, money=L.COMMITTED, places=L.COMMITTED, granted=True)

    with pytest.raises(LegMoveError):
        order.payment_lost(1)


@pytest.mark.rule("OTC-13b")
@pytest.mark.parametrize("state", list(OrderState))
def test_money_that_was_put_aside_is_told_and_never_makes_a_ticket(state: OrderState) -> None:
    order = an_order(state, money=L.OPEN)

    order.payment_set_aside(1, "WRONG_AMOUNT")

    unpaid = state in {S.PLACED, S.AWAITING_PAYMENT}
    assert order.state is (S.AWAITING_PAYMENT if unpaid else state)
    assert order.leg("payment").state is (L.FAILED if unpaid else L.OPEN)
    assert [(entry.what, entry.detail) for entry in order.entries] == [
        ("PAYMENT_SET_ASIDE", "1 WRONG_AMOUNT")
    ]


def test_an_attempt_of_before_is_told_and_leaves_the_present_one_alone() -> None:
    order = an_order()

    order.payment_set_aside(7, "SECOND_PAYMENT")

    assert order.leg("payment").state is L.OPEN


@pytest.mark.parametrize("state", list(OrderState))
def test_only_what_is_being_paid_is_lengthened_and_only_once(state: OrderState) -> None:
    order = an_order(state)
    unpaid = state in {S.PLACED, S.AWAITING_PAYMENT}

    lengthened = [order.extend(FIVE_MINUTES, outage_since=NOW) for _ in range(2)]

    assert lengthened == [unpaid, False]
    assert order.expires_at == DEADLINE + (FIVE_MINUTES if unpaid else timedelta(0))


def test_at_the_deadline_nothing_is_lengthened_any_more() -> None:
    order = an_order(read_at=DEADLINE)

    assert not order.extend(FIVE_MINUTES, outage_since=NOW)


def test_what_places_pay_needs_no_provider() -> None:
    order = an_order(S.PLACED, money=None, places=L.OPEN)

    assert not order.extend(FIVE_MINUTES, outage_since=NOW)
