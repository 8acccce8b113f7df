"""What a report of the provider does to a payment: forwards only, whatever the order of arrival."""

from datetime import datetime
from typing import assert_never

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.events import (
    Cause,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentExpired,
    PaymentFailed,
    PaymentQuarantined,
)
from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect, OrderReport
from services.payment.domain.states import AttemptState, OrderStatus, PaymentState
from services.payment.domain.stray import stray_of

_BEFORE_PAYING = frozenset({AttemptState.OPENING, AttemptState.AWAITING_CUSTOMER})
# An attempt that ended so, without the provider's name of its order, may have one all the same.
_GIVEN_UP = frozenset({AttemptState.FAILED, AttemptState.CANCELLED})
_NOT_OVER = frozenset({OrderStatus.PENDING, OrderStatus.AUTHORIZED})


def apply_report(
    payment: Payment, attempt: PaymentAttempt, report: OrderReport, now: datetime
) -> Effect:
    """Apply what the provider says of an attempt's order. Saying it again changes nothing."""
    if report.amount != payment.amount:
        return _wrong_amount(payment, attempt, report, now)
    learn_order(payment, attempt, report)
    match report.status:
        case OrderStatus.PENDING:
            return Effect.NOTED
        case OrderStatus.AUTHORIZED:
            return _authorized(payment, attempt, report, now)
        case OrderStatus.CAPTURED:
            return _captured(payment, attempt, report, now)
        case OrderStatus.CANCELLED:
            return _cancelled(payment, attempt, report, now)
        case _:
            assert_never(report.status)


def learn_order(payment: Payment, attempt: PaymentAttempt, report: OrderReport) -> None:
    """Keep what the provider calls an attempt's order. One of nobody any more is to be cancelled."""
    was_lost = attempt.provider_order_id is None and attempt.state in _GIVEN_UP
    attempt.learn_order(report.provider_order_id)
    if was_lost and report.status in _NOT_OVER:
        payment.strays.append(stray_of(attempt))


def put_aside(cause: Cause, report: OrderReport) -> PaymentQuarantined:
    """Name a contradiction about an order that is no attempt of a payment."""
    return PaymentQuarantined(
        cause=cause,
        attempt=None,
        pos_id=report.pos_id,
        provider_order_id=report.provider_order_id,
        ext_order_id=report.ext_order_id or report.provider_order_id,
        reported=report.amount,
        taken=report.status is OrderStatus.CAPTURED and report.amount.minor_units > 0,
    )


def _wrong_amount(
    payment: Payment, attempt: PaymentAttempt, report: OrderReport, now: datetime
) -> Effect:
    match attempt.state:
        case AttemptState.QUARANTINED:
            return Effect.REPEATED
        case AttemptState.CAPTURED:
            # The money that we know of is ours; the contradiction is still told.
            payment.note_exception(Cause.WRONG_AMOUNT, attempt.number, report)
        case AttemptState.FAILED | AttemptState.CANCELLED:
            if report.status is not OrderStatus.CAPTURED:
                return Effect.STALE
            payment.quarantine(attempt, report, Cause.WRONG_AMOUNT, now)
        case _:
            payment.quarantine(attempt, report, Cause.WRONG_AMOUNT, now)
    return Effect.QUARANTINED


def _authorized(
    payment: Payment, attempt: PaymentAttempt, report: OrderReport, now: datetime
) -> Effect:
    if attempt.state in _BEFORE_PAYING:
        attempt.move(AttemptState.AUTHORIZED, now)
        payment.events.append(PaymentAuthorized(attempt.number))
        payment.restate()
        return Effect.AUTHORIZED
    if attempt.state is AttemptState.CANCELLING:
        if not report.proved:
            attempt.look_soon(now)
        return Effect.NOTED
    return Effect.STALE if attempt.is_final else Effect.REPEATED


def _captured(
    payment: Payment, attempt: PaymentAttempt, report: OrderReport, now: datetime
) -> Effect:
    if attempt.state is AttemptState.CAPTURE_SENT:
        payment.capture(attempt, now)
        return Effect.CAPTURED
    if attempt.state in {AttemptState.CAPTURED, AttemptState.QUARANTINED} or attempt.taken_early:
        return Effect.REPEATED
    if not (attempt.auto_receive and attempt.state in _BEFORE_PAYING):
        payment.quarantine(attempt, report, Cause.CAPTURED_WITHOUT_GRANT, now)
        return Effect.QUARANTINED
    if not report.proved:
        attempt.look_soon(now)
        return Effect.TO_BE_PROVED
    attempt.taken_early = True
    return _authorized(payment, attempt, report, now)


def _cancelled(
    payment: Payment, attempt: PaymentAttempt, report: OrderReport, now: datetime
) -> Effect:
    match attempt.state:
        case AttemptState.OPENING | AttemptState.AWAITING_CUSTOMER:
            attempt.move(AttemptState.FAILED, now)
            attempt.opening = None
            expired = now >= attempt.expire_time
            ending = PaymentExpired if expired else PaymentFailed
            payment.events.append(ending(attempt.number))
            return Effect.FAILED
        case AttemptState.CANCELLING:
            return _end_cancelled(payment, attempt, now)
        case AttemptState.AUTHORIZED | AttemptState.CAPTURE_SENT:
            if not report.proved:
                # Notifications overtake each other; what undoes an authorisation is asked about.
                attempt.look_soon(now)
                return Effect.TO_BE_PROVED
            if attempt.is_granted:
                payment.note_exception(Cause.CAPTURE_LOST, attempt.number, report)
            return _end_cancelled(payment, attempt, now)
        case AttemptState.FAILED | AttemptState.CANCELLED:
            return Effect.REPEATED
        case AttemptState.CAPTURED | AttemptState.QUARANTINED:
            return Effect.STALE
        case _:
            assert_never(attempt.state)


def _end_cancelled(payment: Payment, attempt: PaymentAttempt, now: datetime) -> Effect:
    attempt.move(AttemptState.CANCELLED, now)
    attempt.opening = None
    # Nobody cancelled an open payment whose attempt was never decided: its page was closed.
    expired = payment.state is PaymentState.OPEN and attempt.decision is None
    ending = PaymentExpired if expired else PaymentCancelled
    payment.events.append(ending(attempt.number))
    payment.restate()
    return Effect.CANCELLED
