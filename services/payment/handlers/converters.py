"""Between payment's protobuf messages and its domain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from cinema.payment.v1 import payment_pb2, payment_service_pb2, refund_pb2
from cinema.type.v1 import money_pb2

from services.common import ids
from services.common.money import Money
from services.common.rpc.money import money_of, money_to_proto
from services.common.rpc.paging import Keyset
from services.common.rpc.times import optional_moment_of, timestamp_of
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.budget import Purpose
from services.payment.domain.lines import LineKind, PaymentLine, check_lines, whole
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund, RefundReason
from services.payment.domain.states import AttemptState, PaymentState
from services.payment.use_cases.create_payment import NewAttempt
from services.payment.use_cases.list_payments import PaymentFilter, PaymentPlace

_PAYMENT_STATES: Final = {
    state: payment_pb2.Payment.State.Value(f"STATE_{state}") for state in PaymentState
}
_ATTEMPT_STATES: Final = {
    state: payment_pb2.PaymentAttempt.State.Value(f"STATE_{state}") for state in AttemptState
}
_LINE_KINDS: Final = {kind: payment_pb2.PaymentLine.Kind.Value(f"KIND_{kind}") for kind in LineKind}
_KINDS_OF_LINES: Final = {value: kind for kind, value in _LINE_KINDS.items()}


def new_attempt_from_proto(
    request: payment_service_pb2.CreatePaymentRequest, owner: str
) -> NewAttempt:
    """Read what the owner asks for; the owner is who calls."""
    buyer = request.buyer
    amount = money_of(request.amount)
    return NewAttempt(
        owner=owner,
        reference_id=ids.parse(request.reference_id, field="reference_id"),
        number=request.attempt,
        amount=amount,
        opening=Opening(
            description=request.description,
            return_url=request.return_url,
            email=buyer.email,
            first_name=buyer.first_name,
            last_name=buyer.last_name,
            language_code=buyer.language_code,
            ip_address=buyer.ip_address,
        ),
        time_left=request.time_left.ToTimedelta(),
        lines=_lines_from_proto(request, amount, owner),
    )


def _lines_from_proto(
    request: payment_service_pb2.CreatePaymentRequest, total: Money, owner: str
) -> tuple[PaymentLine, ...]:
    if not request.lines:
        return whole(LineKind.PREPAID_CARDS, total) if owner == "wallet" else ()
    lines = [(_KINDS_OF_LINES[line.kind], money_of(line.amount)) for line in request.lines]
    return check_lines(lines, total)


def payment_filter_from_proto(
    request: payment_service_pb2.ListPaymentsRequest, owner: str | None
) -> PaymentFilter:
    """Read what is looked for."""
    names = {value: state for state, value in _PAYMENT_STATES.items()}
    return PaymentFilter(
        owner=owner,
        state=names.get(request.state),
        created_from=optional_moment_of(request, "created_from"),
        created_before=optional_moment_of(request, "created_before"),
    )


def place_of(payment: Payment) -> tuple[str, str]:
    """Write where a page ends."""
    return payment.create_time.isoformat(), str(payment.id)


def place_from_keyset(keyset: Keyset | None) -> PaymentPlace | None:
    """Read where the page before ended."""
    if keyset is None:
        return None
    return PaymentPlace(datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1])))


def refund_reason_from_proto(reason: refund_pb2.RefundReason.ValueType) -> RefundReason:
    return RefundReason(refund_pb2.RefundReason.Name(reason).removeprefix("REFUND_REASON_"))


def purpose_from_proto(purpose: payment_service_pb2.SpendingPurpose.ValueType) -> Purpose:
    """Read what a part of what was captured becomes; unless it says so, a voucher."""
    if purpose == payment_service_pb2.SPENDING_PURPOSE_LAPSED_REMEDY:
        return Purpose.LAPSED_REMEDY
    return Purpose.VOUCHER


def refund_to_proto(refund: Refund) -> refund_pb2.Refund:
    """Write a refund."""
    ended = refund.complete_time
    return refund_pb2.Refund(
        id=str(refund.id),
        reference_id="" if refund.reference_id is None else str(refund.reference_id),
        amount=money_to_proto(refund.amount),
        reason=refund_pb2.RefundReason.Value(f"REFUND_REASON_{refund.reason}"),
        state=refund_pb2.Refund.State.Value(f"STATE_{refund.state}"),
        provider_order_id=refund.provider_order_id,
        provider_reference=refund.provider_reference,
        provider_refund_id=refund.provider_refund_id,
        round=refund.round,
        failure_code=refund.failure_code,
        create_time=timestamp_of(refund.create_time),
        complete_time=None if ended is None else timestamp_of(ended),
    )


def payment_to_proto(payment: Payment, refunds: Iterable[Refund] = ()) -> payment_pb2.Payment:
    """Write a payment with its attempts, oldest first."""
    currency = payment.amount.currency
    return payment_pb2.Payment(
        id=str(payment.id),
        owner=payment.owner,
        reference_id=str(payment.reference_id),
        state=_PAYMENT_STATES[payment.state],
        amount=money_to_proto(payment.amount),
        captured=money_pb2.Money(currency_code=currency, minor_units=payment.captured),
        converted=money_pb2.Money(currency_code=currency, minor_units=payment.converted),
        refunded=money_pb2.Money(currency_code=currency, minor_units=payment.refunded),
        attempts=[_attempt_to_proto(payment.attempts[key]) for key in sorted(payment.attempts)],
        create_time=timestamp_of(payment.create_time),
        lines=[_line_to_proto(line, currency) for line in payment.lines],
        refunds=[refund_to_proto(refund) for refund in refunds],
        remaining=money_to_proto(payment.remaining),
        version=payment.version,
    )


def _line_to_proto(line: PaymentLine, currency: str) -> payment_pb2.PaymentLine:
    return payment_pb2.PaymentLine(
        kind=_LINE_KINDS[line.kind],
        amount=money_pb2.Money(currency_code=currency, minor_units=line.amount),
    )


def tombstone_to_proto(owner: str, reference_id: UUID) -> payment_pb2.Payment:
    """Write what is known of a payment that was cancelled before it was made: no ID."""
    return payment_pb2.Payment(
        owner=owner,
        reference_id=str(reference_id),
        state=payment_pb2.Payment.STATE_CANCELLED,
    )


def _attempt_to_proto(attempt: PaymentAttempt) -> payment_pb2.PaymentAttempt:
    return payment_pb2.PaymentAttempt(
        number=attempt.number,
        state=_ATTEMPT_STATES[attempt.state],
        provider_order_id=attempt.provider_order_id or "",
        redirect_url=attempt.redirect_url or "",
        expire_time=timestamp_of(attempt.expire_time),
    )
