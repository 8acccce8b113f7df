"""Writes payment's events as their protobuf messages."""

from typing import Final
from uuid import UUID

from cinema.payment.v1 import events_pb2
from cinema.type.v1 import money_pb2
from google.protobuf.message import Message

from services.common.db.outbox import OutboxEvent
from services.common.ids import new_id
from services.payment.domain.events import (
    Cause,
    Event,
    PaymentAuthorized,
    PaymentCancelled,
    PaymentConfirmed,
    PaymentExpired,
    PaymentFailed,
    PaymentQuarantined,
)
from services.payment.domain.payment import Payment

_CAUSES: Final = {
    Cause.WRONG_AMOUNT: events_pb2.PaymentQuarantined.CAUSE_WRONG_AMOUNT,
    Cause.UNKNOWN_ORDER: events_pb2.PaymentQuarantined.CAUSE_UNKNOWN_ORDER,
    Cause.CAPTURED_WITHOUT_GRANT: events_pb2.PaymentQuarantined.CAUSE_CAPTURED_WITHOUT_GRANT,
    Cause.CAPTURE_LOST: events_pb2.PaymentQuarantined.CAUSE_CAPTURE_LOST,
}

# What the owner of a purchase acts on; nobody waits for the others.
_ACTED_UPON: Final = (PaymentConfirmed, PaymentFailed, PaymentExpired, PaymentCancelled)


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
    message = _quarantined(case_id, cause, "", "")
    return OutboxEvent("PaymentQuarantined", str(case_id), 1, message.SerializeToString())


def _message(payment: Payment, event: Event, case_id: UUID) -> Message:
    match event:
        case PaymentAuthorized():
            return _with_amount(events_pb2.PaymentAuthorized, payment, event.attempt)
        case PaymentConfirmed():
            return _with_amount(events_pb2.PaymentConfirmed, payment, event.attempt)
        case PaymentFailed():
            return _plain(events_pb2.PaymentFailed, payment, event.attempt)
        case PaymentExpired():
            return _plain(events_pb2.PaymentExpired, payment, event.attempt)
        case PaymentCancelled():
            return _plain(events_pb2.PaymentCancelled, payment, event.attempt)
        case PaymentQuarantined():
            return _quarantined(case_id, event.cause, str(payment.id), str(payment.reference_id))


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
        amount=money_pb2.Money(
            currency_code=payment.amount.currency, minor_units=payment.amount.minor_units
        ),
    )


def _plain(
    kind: type[events_pb2.PaymentFailed]
    | type[events_pb2.PaymentExpired]
    | type[events_pb2.PaymentCancelled],
    payment: Payment,
    attempt: int,
) -> Message:
    return kind(
        payment_id=str(payment.id),
        owner=payment.owner,
        reference_id=str(payment.reference_id),
        attempt=attempt,
    )


def _quarantined(case_id: UUID, cause: Cause, payment_id: str, reference_id: str) -> Message:
    return events_pb2.PaymentQuarantined(
        exception_id=str(case_id),
        cause=_CAUSES[cause],
        payment_id=payment_id,
        reference_id=reference_id,
    )
