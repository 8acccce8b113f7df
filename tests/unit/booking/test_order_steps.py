"""What comes next for an order, and when."""

from datetime import date

import pytest

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_steps import (
    CAPTURE_PATIENCE_MS,
    FIRST_RETRY_WAIT_MS,
    MAX_RETRY_WAIT_MS,
    MAX_RETRY_WAIT_OF_CUSTOMER_MS,
    RESCUE_PATIENCE_MS,
    TAKE_OVER_AFTER_MS,
    Step,
    StepKind,
    due_in_ms,
    is_settled,
    next_step,
)
from services.booking.domain.remedy import Remedy, RemedyKind, RemedyState
from services.booking.use_cases.payment_ports import PaymentState
from tests.kit.booking_order_builders import DEADLINE, NOW, an_order, ron

S = OrderState
L = LegState
K = StepKind


@pytest.mark.parametrize(
    ("order", "step"),
    [
        (
            an_order(S.PLACED, places=L.PENDING, money=L.PENDING),
            Step(K.RESERVE_PLACES, "places-1"),
        ),
        (an_order(S.PLACED, places=L.OPEN, money=L.PENDING), Step(K.OPEN_PAYMENT, "payment")),
        (an_order(S.PLACED, places=L.OPEN, money=None), Step(K.SELL_SEATS)),
        (an_order(S.AWAITING_PAYMENT), None),
        (an_order(S.AWAITING_PAYMENT, money=L.FAILED), None),
        (an_order(S.AWAITING_PAYMENT, money=L.PENDING), Step(K.OPEN_PAYMENT, "payment")),
        (
            an_order(S.COMPLETING, places=L.COMMITTED, money=L.COMMITTED),
            Step(K.CAPTURE_PLACES, "places-1"),
        ),
        (
            an_order(S.COMPLETING, places=L.DONE, money=L.COMMITTED),
            Step(K.CAPTURE_PAYMENT, "payment"),
        ),
        (an_order(S.COMPLETING, places=L.DONE, money=L.DONE), Step(K.CONFIRM)),
        (an_order(S.CONFIRMED, money=L.DONE), None),
        (an_order(S.EXPIRED, places=L.UNDOING, money=L.UNDOING), Step(K.CANCEL_PAYMENT, "payment")),
        (
            an_order(S.ABANDONED, places=L.UNDOING, money=L.UNDONE),
            Step(K.RELEASE_PLACES, "places-1"),
        ),
        (an_order(S.REFUSED, places=L.UNDONE, money=L.UNDONE), None),
    ],
)
def test_the_next_step_follows_from_the_order(order: Order, step: Step | None) -> None:
    assert next_step(order) == step


def a_remedy(kind: RemedyKind = RemedyKind.VOUCHER) -> Remedy:
    return Remedy(
        id=an_order().id,
        kind=kind,
        state=RemedyState.REQUESTED,
        amount=ron(3_000 if kind is RemedyKind.VOUCHER else 0),
        last_screening_date=date(2027, 11, 22),
        requested_at=NOW,
    )


def test_a_remedy_gives_places_back_spends_the_budget_and_waits_for_the_voucher() -> None:
    order = an_order(S.CONFIRMED, places=L.DONE, money=L.DONE)
    order.give_back(a_remedy())
    steps = [next_step(order)]

    order.leg_undone("places-1")
    steps.append(next_step(order))
    order.budget_taken()
    steps.append(next_step(order))
    order.voucher_issued(order.id)
    steps.append(next_step(order))
    order.remedy_given()
    steps.append(next_step(order))

    assert [step and step.kind for step in steps] == [
        K.RESTORE_PLACES,
        K.SPEND_BUDGET,
        None,
        K.FINISH_REMEDY,
        None,
    ]


def test_a_failed_step_waits_longer_each_time_and_not_for_ever() -> None:
    order = an_order(S.COMPLETING, places=L.COMMITTED, money=L.COMMITTED)
    waits = []
    for _ in range(20):
        waits.append(due_in_ms(order))
        order.leg("places-1").missed("DEPENDENCY_UNAVAILABLE")

    assert waits[:4] == [TAKE_OVER_AFTER_MS, FIRST_RETRY_WAIT_MS, 500, 1_000]
    assert waits[-1] == MAX_RETRY_WAIT_OF_CUSTOMER_MS


@pytest.mark.parametrize("answer", [PaymentState.AUTHORIZED, PaymentState.CAPTURING])
def test_payment_is_asked_ever_more_seldom_while_it_has_the_money_in_hand(answer: str) -> None:
    order = an_order(S.COMPLETING, money=L.COMMITTED)
    waits = []
    for _ in range(20):
        waits.append(due_in_ms(order))
        order.leg("payment").missed(answer)

    assert waits[:3] == [TAKE_OVER_AFTER_MS, CAPTURE_PATIENCE_MS, 2 * CAPTURE_PATIENCE_MS]
    assert waits[-1] == MAX_RETRY_WAIT_OF_CUSTOMER_MS


def test_a_payment_that_does_not_answer_is_asked_again_soon() -> None:
    order = an_order(S.COMPLETING, money=L.COMMITTED)

    order.leg("payment").missed("DEPENDENCY_UNAVAILABLE")

    assert due_in_ms(order) == FIRST_RETRY_WAIT_MS


def test_a_step_that_no_customer_waits_for_may_wait_longer() -> None:
    order = an_order(S.ABANDONED, places=L.UNDOING)
    for _ in range(20):
        order.leg("places-1").missed("DEPENDENCY_UNAVAILABLE")

    assert due_in_ms(order) == MAX_RETRY_WAIT_MS


def test_a_lapsed_payment_is_cancelled_after_a_moment_for_its_rescue() -> None:
    by_card = an_order(S.EXPIRED, money=L.UNDOING, read_at=DEADLINE)
    given_up = an_order(S.ABANDONED, money=L.UNDOING)

    assert due_in_ms(by_card) == RESCUE_PATIENCE_MS
    assert due_in_ms(given_up) == TAKE_OVER_AFTER_MS


@pytest.mark.parametrize(
    ("order", "settled"),
    [
        (an_order(S.PLACED, money=L.PENDING), False),
        (an_order(S.AWAITING_PAYMENT), False),
        (an_order(S.COMPLETING, money=L.DONE), False),
        (an_order(S.CONFIRMED, money=L.DONE), True),
        (an_order(S.EXPIRED, money=L.UNDOING), False),
        (an_order(S.EXPIRED, money=L.UNDONE), True),
        (an_order(S.ABANDONED, places=L.UNDOING, money=L.UNDONE), False),
        (an_order(S.ABANDONED, places=L.UNDONE, money=L.UNDONE), True),
        (an_order(S.REFUSED, places=L.UNDONE, money=L.UNDONE), True),
    ],
)
def test_an_order_is_settled_once_nothing_is_left_to_do_or_undo(
    order: Order, *, settled: bool
) -> None:
    assert is_settled(order) is settled
