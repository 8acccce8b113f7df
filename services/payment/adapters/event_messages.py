"""Writes payment's events as their protobuf messages."""

from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from cinema.payment.v1 import events_pb2, refund_pb2
from google.protobuf.message import Message

from services.common.db.outbox import OutboxEvent
from services.common.ids import new_id
from services.common.rpc.money import money_to_proto
from services.payment.domain.events import (
    Cause,
    Event,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentConfirmed,
    PaymentExpired,
    PaymentFailed,
    PaymentQuarantined,
    RefundCompleted,
    RefundFailed,
)
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund

_CAUSES: Final = {
    Cause.WRONG_AMOUNT: events_pb2.PaymentQuarantined.CAUSE_WRONG_AMOUNT,
    Cause.UNKNOWN_ORDER: events_pb2.PaymentQuarantined.CAUSE_UNKNOWN_ORDER,
    Cause.CAPTURED_WITHOUT_GRANT: events_pb2.PaymentQuarantined.CAUSE_CAPTURED_WITHOUT_GRANT,
    Cause.CAPTURE_LOST: events_pb2.PaymentQuarantined.CAUSE_CAPTURE_LOST,
    Cause.SECOND_PAYMENT: events_pb2.PaymentQuarantined.CAUSE_SECOND_PAYMENT,
    Cause.REFUND_FAILING: events_pb2.PaymentQuarantined.CAUSE_REFUND_FAILING,
    Cause.LIST_DIFFERS: events_pb2.PaymentQuarantined.CAUSE_LIST_DIFFERS,
}

_End: TypeAlias = (
    type[events_pb2.PaymentFailed]
    | type[events_pb2.PaymentExpired]
    | type[events_pb2.PaymentCancelled]
)
_ENDS: Final[dict[type[Event], _End]] = {
    PaymentFailed: events_pb2.PaymentFailed,
    PaymentExpired: events_pb2.PaymentExpired,
    PaymentCancelled: events_pb2.PaymentCancelled,
}

# What the owner of a purchase acts on; nobody waits for the others.
_ACTED_UPON: Final = (
    *(PaymentConfirmed, PaymentFailed, PaymentExpired, PaymentCancelled),
    *(RefundCompleted, RefundFailed),
)


def outbox_event(payment: Payment, event: Event, version: int, case_id: UUID) -> OutboxEvent:
    """Make the outbox row; `case_id` names the exception of a PaymentQuarantined."""
    return OutboxEvent(
        type=type(event).__name__,
        aggregate_id=str(payment.id),
        aggregate_version=version,
        payload=_message(payment, event, case_id).SerializeToString(),
        id=new_id(),
        is_awaited=isinstance(event, _ACTED_UPON),
    )


def quarantined_alone(case_id: UUID, cause: Cause) -> OutboxEvent:
    """Make the event of an exception that belongs to no payment: its own aggregate."""
    message = _quarantined(case_id, cause)
    return OutboxEvent("PaymentQuarantined", str(case_id), 1, message.SerializeToString())


def _message(payment: Payment, event: Event, case_id: UUID) -> Message:
    match event:
        case PaymentAuthorized():
            return _with_amount(events_pb2.PaymentAuthorized, payment, event.attempt)
        case PaymentConfirmed():
            return _with_amount(events_pb2.PaymentConfirmed, payment, event.attempt)
        case PaymentFailed() | PaymentExpired() | PaymentCancelled():
            return _plain(_ENDS[type(event)], payment, event.attempt)
        case PaymentQuarantined():
            return _quarantined(case_id, event.cause, payment, event.attempt)
        case RefundCompleted():
            return _refund(events_pb2.RefundCompleted, payment, event.refund)
        case RefundFailed():
            message = _refund(events_pb2.RefundFailed, payment, event.refund)
            message.failure_code = event.failure_code
            return message


def _with_amount(
    kind: type[events_pb2.PaymentAuthorized] | type[events_pb2.PaymentConfirmed],
    payment: Payment,
    attempt: int,
) -> Message:
    return kind(
        payment_id=str(payment.id),
        owner=payment.owner,
        reference_id=str(payment.reference_id),
        attempt=attempt,
        amount=money_to_proto(payment.amount),
    )


def _plain(kind: _End, payment: Payment, attempt: int) -> Message:
    return kind(
        payment_id=str(payment.id),
        owner=payment.owner,
        reference_id=str(payment.reference_id),
        attempt=attempt,
    )


_R = TypeVar("_R", events_pb2.RefundCompleted, events_pb2.RefundFailed)


def _refund(kind: type[_R], payment: Payment, refund: Refund) -> _R:
    return kind(
        payment_id=str(payment.id),
        owner=payment.owner,
        reference_id=str(payment.reference_id),
        refund_id=str(refund.id),
        amount=money_to_proto(refund.amount),
        reason=refund_pb2.RefundReason.Value(f"REFUND_REASON_{refund.reason}"),
    )


def _quarantined(
    case_id: UUID, cause: Cause, payment: Payment | None = None, attempt: int | None = None
) -> Message:
    return events_pb2.PaymentQuarantined(
        exception_id=str(case_id),
        cause=_CAUSES[cause],
        payment_id=str(payment.id) if payment else "",
        reference_id=str(payment.reference_id) if payment else "",
        attempt=attempt or 0,
        owner=payment.owner if payment else "",
    )
