"""Between payment's protobuf messages and its domain."""

from datetime import datetime
from typing import Final
from uuid import UUID

from cinema.payment.v1 import payment_pb2, payment_service_pb2
from cinema.type.v1 import money_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from services.common import ids
from services.common.money import Money
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, PaymentState
from services.payment.use_cases.create_payment import NewAttempt

_PAYMENT_STATES: Final = {
    state: payment_pb2.Payment.State.Value(f"STATE_{state}") for state in PaymentState
}
_ATTEMPT_STATES: Final = {
    state: payment_pb2.PaymentAttempt.State.Value(f"STATE_{state}") for state in AttemptState
}


def money_from_proto(message: money_pb2.Money) -> Money:
    return Money(message.currency_code, message.minor_units)


def money_to_proto(money: Money) -> money_pb2.Money:
    return money_pb2.Money(currency_code=money.currency, minor_units=money.minor_units)


def new_attempt_from_proto(
    request: payment_service_pb2.CreatePaymentRequest, owner: str
) -> NewAttempt:
    """Read what the owner asks for; the owner is who calls."""
    buyer = request.buyer
    return NewAttempt(
        owner=owner,
        reference_id=ids.parse(request.reference_id, field="reference_id"),
        number=request.attempt,
        amount=money_from_proto(request.amount),
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
    )


def payment_to_proto(payment: Payment) -> payment_pb2.Payment:
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
        create_time=_timestamp(payment.create_time),
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
        expire_time=_timestamp(attempt.expire_time),
    )


def _timestamp(moment: datetime) -> Timestamp:
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
