"""The life of an attempt: every move that is not written down is refused."""

import itertools

import pytest

from services.payment.domain.attempt import ForbiddenMoveError
from services.payment.domain.provider_reports import apply_report
from services.payment.domain.states import (
    FINAL_ATTEMPT_STATES,
    MOVES,
    AttemptState,
    Decision,
    OrderStatus,
    PaymentState,
)
from tests.unit.payment.builders import NOW, a_payment, a_report, an_attempt

ALL_MOVES = list(itertools.product(AttemptState, AttemptState))
FORBIDDEN = [(source, goal) for source, goal in ALL_MOVES if goal not in MOVES[source]]
ALLOWED = [(source, goal) for source, goal in ALL_MOVES if goal in MOVES[source]]


@pytest.mark.parametrize(("source", "goal"), FORBIDDEN)
def test_a_move_that_is_not_written_down_is_refused(
    source: AttemptState, goal: AttemptState
) -> None:
    attempt = an_attempt(source, decision=Decision.GRANT)

    with pytest.raises(ForbiddenMoveError):
        attempt.move(goal, NOW)

    assert attempt.state is source


@pytest.mark.parametrize(("source", "goal"), ALLOWED)
def test_a_move_that_is_written_down_is_made(source: AttemptState, goal: AttemptState) -> None:
    attempt = an_attempt(source, decision=Decision.GRANT)

    attempt.move(goal, NOW)

    assert attempt.state is goal
    assert (attempt.next_step_at is None) == (goal in FINAL_ATTEMPT_STATES)


@pytest.mark.parametrize("decision", [None, Decision.REFUSE])
def test_no_move_to_a_capture_without_a_grant(decision: Decision | None) -> None:
    attempt = an_attempt(AttemptState.AUTHORIZED, decision=decision)

    with pytest.raises(ForbiddenMoveError):
        attempt.move(AttemptState.CAPTURE_SENT, NOW)


@pytest.mark.parametrize("first", OrderStatus)
@pytest.mark.parametrize("second", OrderStatus)
@pytest.mark.parametrize("state", AttemptState)
def test_no_order_of_reports_undoes_what_is_final_or_captures_without_a_grant(
    state: AttemptState, first: OrderStatus, second: OrderStatus
) -> None:
    payment = a_payment(an_attempt(state), captured=0)
    attempt = payment.attempts[1]

    for status in (first, second):
        apply_report(payment, attempt, a_report(status), NOW)

    if state in {AttemptState.CAPTURED, AttemptState.QUARANTINED}:
        assert attempt.state is state
    if state in {AttemptState.FAILED, AttemptState.CANCELLED}:
        assert attempt.state in {state, AttemptState.QUARANTINED}
    if attempt.state is AttemptState.CAPTURED:
        assert attempt.is_granted


@pytest.mark.parametrize("status", OrderStatus)
@pytest.mark.parametrize("state", AttemptState)
def test_the_same_report_again_tells_nothing_new(state: AttemptState, status: OrderStatus) -> None:
    payment = a_payment(an_attempt(state))
    attempt = payment.attempts[1]
    apply_report(payment, attempt, a_report(status, proved=True), NOW)
    after_first = (attempt.state, len(payment.events), len(payment.entries))

    apply_report(payment, attempt, a_report(status, proved=True), NOW)

    assert (attempt.state, len(payment.events), len(payment.entries)) == after_first


def test_the_payment_follows_its_attempts() -> None:
    expected = {
        AttemptState.OPENING: PaymentState.OPEN,
        AttemptState.AUTHORIZED: PaymentState.AUTHORIZED,
        AttemptState.CAPTURE_SENT: PaymentState.CAPTURING,
        AttemptState.CAPTURED: PaymentState.CAPTURED,
        AttemptState.FAILED: PaymentState.OPEN,
        AttemptState.QUARANTINED: PaymentState.OPEN,
    }

    assert {state: a_payment(an_attempt(state)).state for state in expected} == expected


def test_our_name_of_an_order_counts_attempts_and_rounds() -> None:
    first = an_attempt(number=3)
    second = an_attempt(number=3, round=2)
    third = an_attempt(number=3, round=2)
    third.begin_round(3)

    assert first.ext_order_id.endswith("-3")
    assert second.ext_order_id.endswith("-3.2")
    assert third.ext_order_id.endswith("-3.3")
