"""The life of an order: each move that is allowed, beside each that is forbidden."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order import Order, OrderMoveError, OrderState
from services.booking.domain.order_errors import (
    OrderNotAbandonableError,
    OrderNotCancellableError,
    OrderNotPayableError,
    PaymentStillOpenError,
    TooLittleTimeError,
)
from services.booking.domain.order_leg import LegKind, LegMoveError, LegState, OrderLeg
from tests.kit.booking_order_builders import DEADLINE, NOW, an_order, ron

S = OrderState
L = LegState
# How a leg of an order stands in each state, so that only the order's own rule decides.
_LEG = {
    S.PLACED: L.OPEN,
    S.AWAITING_PAYMENT: L.OPEN,
    S.COMPLETING: L.DONE,
    S.CONFIRMED: L.DONE,
    S.EXPIRED: L.UNDOING,
    S.ABANDONED: L.UNDOING,
    S.REFUSED: L.UNDOING,
    S.CANCELLED: L.DONE,
}


def _expire(order: Order) -> None:
    order.read_at = DEADLINE
    order.expire()


MOVES: dict[str, tuple[Callable[[Order], object], OrderState, set[OrderState], set[OrderState]]] = {
    # name: (move, target, allowed from, left alone in)
    "open": (
        lambda order: order.payment_opened("https://pay.example"),
        S.AWAITING_PAYMENT,
        {S.PLACED, S.AWAITING_PAYMENT},
        {S.COMPLETING, S.CONFIRMED, S.EXPIRED, S.ABANDONED, S.REFUSED, S.CANCELLED},
    ),
    "refuse": (lambda order: order.refuse("WHY"), S.REFUSED, {S.PLACED}, {S.REFUSED}),
    "grant": (
        lambda order: order.grant(1),
        S.COMPLETING,
        {S.PLACED, S.AWAITING_PAYMENT},
        set(),
    ),
    "rescue": (
        lambda order: order.grant(1, rescued=True),
        S.COMPLETING,
        {S.PLACED, S.AWAITING_PAYMENT, S.EXPIRED},
        set(),
    ),
    "confirm": (
        lambda order: order.confirm([]),
        S.CONFIRMED,
        {S.COMPLETING},
        {S.CONFIRMED, S.CANCELLED},
    ),
    "cancel": (
        lambda order: order.cancel(Cancellation(CancelCause.BUYER, NOW)),
        S.CANCELLED,
        {S.CONFIRMED},
        {S.CANCELLED},
    ),
    "expire": (
        _expire,
        S.EXPIRED,
        {S.PLACED, S.AWAITING_PAYMENT},
        {S.COMPLETING, S.CONFIRMED, S.EXPIRED, S.ABANDONED, S.REFUSED, S.CANCELLED},
    ),
    "abandon": (
        lambda order: order.abandon(),
        S.ABANDONED,
        {S.PLACED, S.AWAITING_PAYMENT},
        {S.ABANDONED, S.EXPIRED},
    ),
    "fail": (
        lambda order: order.payment_failed(1, "DECLINED"),
        S.AWAITING_PAYMENT,
        {S.PLACED, S.AWAITING_PAYMENT},
        {S.COMPLETING, S.CONFIRMED, S.EXPIRED, S.ABANDONED, S.REFUSED, S.CANCELLED},
    ),
}


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", list(OrderState))
def test_an_order_moves_only_as_its_diagram_says(name: str, state: OrderState) -> None:
    move, target, allowed, ignored = MOVES[name]
    granted = state in {S.COMPLETING, S.CONFIRMED, S.CANCELLED} and name != "grant"
    order = an_order(state, money=_LEG[state], granted=granted)

    if state in allowed:
        move(order)
        assert order.state is target
    elif state in ignored:
        move(order)
        assert order.state is state
    else:
        with pytest.raises((OrderMoveError, OrderNotAbandonableError, OrderNotCancellableError)):
            move(order)
        assert order.state is state


@pytest.mark.parametrize("state", list(OrderState))
def test_seats_are_sold_without_money_only_from_placed(state: OrderState) -> None:
    order = an_order(state, money=None, places=L.OPEN)

    if state in {S.PLACED, S.COMPLETING}:
        order.complete_without_money()
        assert order.state is S.COMPLETING
    else:
        with pytest.raises(OrderMoveError):
            order.complete_without_money()


def test_an_order_with_money_due_is_not_completed_without() -> None:
    with pytest.raises(OrderMoveError):
        an_order(S.PLACED).complete_without_money()


LEG_MOVES: dict[str, tuple[Callable[[OrderLeg], None], LegState, set[LegState], set[LegState]]] = {
    "open": (OrderLeg.open, L.OPEN, {L.PENDING, L.OPEN}, {L.PENDING, L.OPEN}),
    "commit": (
        OrderLeg.commit,
        L.COMMITTED,
        {L.PENDING, L.OPEN, L.FAILED, L.UNDOING, L.COMMITTED},
        {L.OPEN, L.COMMITTED},
    ),
    "finish": (OrderLeg.finish, L.DONE, {L.COMMITTED, L.DONE}, {L.COMMITTED, L.DONE}),
    "fail": (
        lambda leg: leg.fail("DECLINED"),
        L.FAILED,
        {L.PENDING, L.OPEN, L.FAILED},
        {L.PENDING, L.OPEN, L.FAILED},
    ),
    "again": (OrderLeg.try_again, L.PENDING, {L.FAILED}, {L.FAILED}),
    "undo": (
        OrderLeg.undo,
        L.UNDOING,
        {L.PENDING, L.OPEN, L.FAILED, L.UNDOING},
        {L.PENDING, L.OPEN, L.FAILED, L.UNDOING, L.DONE},
    ),
    "undone": (OrderLeg.undone, L.UNDONE, {L.UNDOING, L.UNDONE}, {L.UNDOING, L.UNDONE}),
}
_REFUND_MOVES = {
    "commit": {L.PENDING, L.FAILED, L.COMMITTED},
    "finish": {L.COMMITTED, L.DONE},
    "fail": {L.PENDING, L.COMMITTED, L.FAILED},
}


@pytest.mark.parametrize("kind", [LegKind.PAYMENT, LegKind.PLACES, LegKind.VOUCHER])
@pytest.mark.parametrize("name", LEG_MOVES)
@pytest.mark.parametrize("state", list(LegState))
def test_a_leg_moves_only_as_its_kind_allows(kind: LegKind, name: str, state: LegState) -> None:
    move, target, for_payment, for_places = LEG_MOVES[name]
    allowed = for_payment if kind is LegKind.PAYMENT else for_places
    leg = OrderLeg("leg", kind, state, 1)

    if state in allowed:
        move(leg)
        assert leg.state is target
    elif (name, state) == ("undo", L.UNDONE):
        move(leg)
        assert leg.state is L.UNDONE
    else:
        with pytest.raises(LegMoveError):
            move(leg)
        assert leg.state is state


@pytest.mark.parametrize("name", LEG_MOVES)
@pytest.mark.parametrize("state", [L.PENDING, L.COMMITTED, L.DONE, L.FAILED])
def test_a_refund_goes_on_until_the_money_is_back(name: str, state: LegState) -> None:
    move, target = LEG_MOVES[name][:2]
    leg = OrderLeg("refund", LegKind.REFUND, state, 1)

    if state in _REFUND_MOVES.get(name, set()):
        move(leg)
        assert leg.state is target
    else:
        with pytest.raises(LegMoveError):
            move(leg)
        assert leg.state is state


def test_one_attempt_wins_and_a_decision_is_made_once() -> None:
    order = an_order()
    order.grant(1)

    with pytest.raises(OrderMoveError):
        order.refuse_authorization(1, Refusal.WRONG_AMOUNT)
    order.state = S.AWAITING_PAYMENT
    with pytest.raises(OrderMoveError):
        order.grant(2)
    assert order.decisions == {1: Decision(1)}


@pytest.mark.rule("OTC-18")
def test_only_our_own_grant_and_the_exact_amount_confirm() -> None:
    ungranted = an_order(S.COMPLETING, money=L.COMMITTED)
    granted = an_order(S.COMPLETING, money=L.COMMITTED, granted=True)

    with pytest.raises(OrderMoveError):
        ungranted.payment_captured(1, ungranted.money_due)
    with pytest.raises(OrderMoveError):
        granted.payment_captured(1, ron(1))
    with pytest.raises(OrderMoveError):
        granted.payment_captured(2, granted.money_due)
    with pytest.raises(OrderMoveError):
        granted.confirm([])
    granted.payment_captured(1, granted.money_due)
    granted.confirm([])
    assert granted.state is S.CONFIRMED


@pytest.mark.rule("OTC-15")
def test_a_payment_is_begun_up_to_a_minute_before_the_end() -> None:
    minute = timedelta(minutes=1)
    in_time = an_order(money=L.FAILED, read_at=DEADLINE - minute)
    late = an_order(money=L.FAILED, read_at=DEADLINE - minute + timedelta(microseconds=1))
    over = an_order(money=L.FAILED, read_at=DEADLINE)

    in_time.retry_payment()
    with pytest.raises(TooLittleTimeError):
        late.retry_payment()
    with pytest.raises(OrderNotPayableError):
        over.retry_payment()
    with pytest.raises(PaymentStillOpenError):
        an_order().retry_payment()
    assert in_time.leg("payment").attempt == 2


def test_attempts_are_limited() -> None:
    order = an_order(money=L.FAILED)
    order.leg("payment").attempt = 20

    with pytest.raises(OrderNotPayableError):
        order.retry_payment()


def test_a_notice_about_another_attempt_changes_nothing() -> None:
    order = an_order()

    assert not order.payment_failed(2, "DECLINED")
    assert order.leg("payment").state is L.OPEN


def test_expiry_leaves_a_late_payment_undecided_only_while_it_can_be_rescued() -> None:
    by_card = an_order(read_at=DEADLINE)
    with_places = an_order(places=L.OPEN, read_at=DEADLINE)
    declined = an_order(money=L.FAILED, read_at=DEADLINE)

    for order in (by_card, with_places, declined):
        assert order.expire()

    assert by_card.decisions == {}
    assert with_places.decisions == declined.decisions == {1: Decision(1, Refusal.HOLD_EXPIRED)}
