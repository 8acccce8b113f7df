"""What goes back of an order, where to, and in which steps."""

from datetime import date
from uuid import uuid4

import pytest

from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.fee_override import FeeAlreadyRefundedError, NoFeeToRefundError
from services.booking.domain.order import Order, OrderMoveError, OrderState
from services.booking.domain.order_errors import OrderNotCancellableError
from services.booking.domain.order_events import OrderCancelled
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_mail import MailKind
from services.booking.domain.order_returns import FEE_REFUND_LEG, REFUND_LEG, refund_id_of
from services.booking.domain.order_steps import (
    MAX_REFUND_PATIENCE_MS,
    REFUND_PATIENCE_MS,
    Step,
    StepKind,
    due_in_ms,
    is_settled,
    next_step,
    next_step_of,
)
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from tests.kit.booking_order_builders import NOW, an_order, ron

L = LegState
K = StepKind
BY_BUYER = Cancellation(CancelCause.BUYER, NOW)


def bought(*, money: LegState | None = L.DONE, places: LegState | None = L.DONE) -> Order:
    return an_order(OrderState.CONFIRMED, money=money, places=places, granted=money is not None)


def cancelled() -> Order:
    order = bought()
    order.cancel(BY_BUYER)
    return order


def a_remedy(kind: RemedyKind) -> Remedy:
    return Remedy(uuid4(), kind, RemedyState.REQUESTED, ron(3_000), date(2027, 11, 22), NOW)


@pytest.mark.rule("OTC-11")
@pytest.mark.rule("OTC-32b")
def test_tickets_and_supplements_go_back_and_the_fee_is_kept() -> None:
    order = an_order(OrderState.CONFIRMED, money=L.DONE, granted=True)

    order.cancel(BY_BUYER)

    assert order.total == ron(6_400)
    assert order.leg(REFUND_LEG).amount == ron(6_000)
    assert order.leg("payment").state is L.DONE
    assert order.events == [OrderCancelled()]
    assert order.mails == [MailKind.ORDER_CANCELLED]


@pytest.mark.rule("OTC-11")
def test_the_fee_goes_back_by_itself_once_and_leaves_the_order_as_it_is() -> None:
    order = an_order(OrderState.CONFIRMED, money=L.DONE, granted=True)

    order.refund_fee()

    assert order.state is OrderState.CONFIRMED
    assert [(leg.name, leg.amount) for leg in order.refund_legs] == [(FEE_REFUND_LEG, ron(400))]
    assert next_step(order) == Step(K.SEND_REFUND, FEE_REFUND_LEG)
    with pytest.raises(FeeAlreadyRefundedError):
        order.refund_fee()


@pytest.mark.rule("OTC-11")
def test_no_fee_goes_back_of_what_has_no_tickets_or_cost_none() -> None:
    unpaid = an_order(OrderState.AWAITING_PAYMENT, money=L.OPEN)

    for order in (unpaid, bought(money=None)):
        with pytest.raises(NoFeeToRefundError):
            order.refund_fee()


@pytest.mark.rule("OTC-6")
def test_what_places_alone_paid_goes_back_as_places() -> None:
    order = bought(money=None)

    order.cancel(BY_BUYER)

    assert order.refund_legs == []
    assert [leg.state for leg in order.place_legs] == [L.UNDOING]


def test_a_cancelled_order_is_cancelled_once() -> None:
    order = cancelled()

    assert not order.cancel(Cancellation(CancelCause.CINEMA, NOW))
    assert order.cancellation == BY_BUYER
    assert len(order.refund_legs) == 1
    assert len(order.events) == 1


@pytest.mark.rule("OTC-44")
def test_a_cancellation_and_a_remedy_shut_each_other_out() -> None:
    order, other = cancelled(), bought()
    other.give_back(a_remedy(RemedyKind.VOUCHER))

    with pytest.raises(OrderMoveError):
        order.give_back(a_remedy(RemedyKind.VOUCHER))
    with pytest.raises(OrderNotCancellableError, match="GIVEN_BACK"):
        other.cancel(BY_BUYER)


@pytest.mark.parametrize(("kind", "refunds"), [(RemedyKind.REFUND, 1), (RemedyKind.VOUCHER, 0)])
def test_a_remedy_that_cancels_says_what_becomes_of_the_money(
    kind: RemedyKind, refunds: int
) -> None:
    order = bought()

    order.cancel(Cancellation(CancelCause.CINEMA, NOW, caused_by_cinema=True), a_remedy(kind))

    assert order.state is OrderState.CANCELLED
    assert len(order.refund_legs) == refunds
    assert order.returned_by_cinema


def test_a_refund_is_named_by_its_order_so_that_no_repeat_becomes_a_second_one() -> None:
    order, other = cancelled(), cancelled()

    refund_id = refund_id_of(order.id, REFUND_LEG)

    assert refund_id == refund_id_of(order.id, REFUND_LEG) != refund_id_of(other.id, REFUND_LEG)
    assert order.find_refund(refund_id) is order.leg(REFUND_LEG)
    assert other.find_refund(refund_id) is None


def test_each_leg_goes_back_and_the_refund_is_asked_for_until_it_is_final() -> None:
    order = cancelled()
    steps = [next_step(order)]

    order.leg_undone("places-1")
    steps.append(next_step(order))
    order.refund_sent(REFUND_LEG)
    steps.append(next_step(order))
    order.refund_failed(REFUND_LEG, "NO_BALANCE")
    steps.append(next_step(order))
    order.refund_completed(REFUND_LEG)
    steps.append(next_step(order))

    assert [step and step.kind for step in steps] == [
        K.RESTORE_PLACES, K.SEND_REFUND, K.ASK_REFUND, K.ASK_REFUND, None,
    ]  # fmt: skip
    assert is_settled(order)
    assert order.mails[-1] is MailKind.REFUND_DONE


def test_a_leg_that_fails_keeps_no_other_one_waiting() -> None:
    order = cancelled()

    order.leg("places-1").missed("DEPENDENCY_UNAVAILABLE")
    first = next_step(order)
    order.leg(REFUND_LEG).missed("DEPENDENCY_UNAVAILABLE")
    order.leg(REFUND_LEG).missed("DEPENDENCY_UNAVAILABLE")
    second = next_step(order)

    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == (K.SEND_REFUND, K.RESTORE_PLACES)


def test_each_leg_shows_its_own_next_step() -> None:
    order = cancelled()

    steps = [next_step_of(order, leg) for leg in order.legs]

    assert steps == [K.RESTORE_PLACES, None, K.SEND_REFUND]


def test_payment_is_asked_about_a_refund_more_and_more_seldom() -> None:
    order = cancelled()
    order.leg_undone("places-1")
    order.refund_sent(REFUND_LEG)

    waits = []
    for _ in range(20):
        waits.append(due_in_ms(order))
        order.leg(REFUND_LEG).missed("")

    assert waits[:3] == [REFUND_PATIENCE_MS, 2 * REFUND_PATIENCE_MS, 4 * REFUND_PATIENCE_MS]
    assert waits[-1] == MAX_REFUND_PATIENCE_MS


def test_news_of_a_refund_that_come_late_or_twice_change_nothing() -> None:
    order = cancelled()
    order.refund_failed(REFUND_LEG, "NO_BALANCE")
    again = order.refund_failed(REFUND_LEG, "NO_BALANCE")
    order.refund_completed(REFUND_LEG)

    assert not again
    assert not order.refund_completed(REFUND_LEG)
    assert not order.refund_failed(REFUND_LEG, "NO_BALANCE")
    order.refund_sent(REFUND_LEG)
    assert order.leg(REFUND_LEG).state is L.DONE
    assert order.mails.count(MailKind.REFUND_DONE) == 1


def test_a_remedy_that_is_a_refund_is_given_when_the_money_is_back() -> None:
    order = bought(places=None)
    order.give_back(a_remedy(RemedyKind.REFUND))
    order.refund_sent(REFUND_LEG)

    with pytest.raises(OrderMoveError):
        order.remedy_given()
    order.refund_completed(REFUND_LEG)
    step = next_step(order)
    order.remedy_given()

    assert step is not None
    assert step.kind is K.FINISH_REMEDY
    assert is_settled(order)
