"""What may go back of a payment: refunds and vouchers together never pass what was captured."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.common.errors import FieldViolation, InvalidRequestError
from services.common.money import Money
from services.payment.domain.errors import AmountNotPositiveError, BudgetExceededError
from services.payment.domain.journal import conversion_entry, lapse_entry, refund_entry
from services.payment.domain.lines import LineKind
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund, RefundReason
from services.payment.domain.states import AttemptState


class Purpose(StrEnum):
    """What a part of what was captured becomes."""

    VOUCHER = "VOUCHER"
    LAPSED_REMEDY = "LAPSED_REMEDY"


def spend(
    payment: Payment, spending_id: UUID, amount: Money, purpose: Purpose = Purpose.VOUCHER
) -> Money:
    """Turn a part of what was captured into a voucher, or let it lapse; returns what is left."""
    _check(payment, amount)
    parts = payment.parts_of(amount.minor_units)
    is_voucher = purpose is Purpose.VOUCHER
    entry_of = conversion_entry if is_voucher else lapse_entry
    payment.entries.append(entry_of(spending_id, amount, parts))
    payment.converted += amount.minor_units
    return payment.remaining


def refund(
    payment: Payment, refund_id: UUID, amount: Money, reason: RefundReason, now: datetime
) -> Refund:
    """Owe a part of what was captured to who paid it: back to the order that it came from.

    Service fees go back by FEE_OVERRIDE only, which gives back nothing else; LATE_PAYMENT is money
    that never became a ticket: of it no fee is kept.
    """
    if reason is RefundReason.LATE_PAYMENT:
        payment.kept_fees = 0
    if reason is RefundReason.FEE_OVERRIDE:
        parts = _release_fees(payment, amount)
    else:
        _check(payment, amount)
        parts = payment.parts_of(amount.minor_units)
    winner = next(each for each in payment.attempts.values() if each.state is AttemptState.CAPTURED)
    payment.entries.append(refund_entry(refund_id, amount, parts))
    payment.refunded += amount.minor_units
    return Refund(
        id=refund_id,
        payment_id=payment.id,
        owner=payment.owner,
        reference_id=payment.reference_id,
        pos_id=winner.pos_id,
        provider_order_id=winner.provider_order_id or "",
        amount=amount,
        reason=reason,
        create_time=now,
        next_step_at=now,
    )


def _release_fees(payment: Payment, amount: Money) -> tuple[tuple[LineKind, int], ...]:
    _check_amount(payment, amount)
    kept = Money(payment.amount.currency, payment.kept_fees)
    if amount > kept:
        raise BudgetExceededError(payment.reference_id, kept)
    payment.kept_fees -= amount.minor_units
    return ((LineKind.SERVICE_FEES, amount.minor_units),)


def _check(payment: Payment, amount: Money) -> None:
    _check_amount(payment, amount)
    if amount > payment.remaining:
        raise BudgetExceededError(payment.reference_id, payment.remaining)


def _check_amount(payment: Payment, amount: Money) -> None:
    if amount.minor_units <= 0:
        raise AmountNotPositiveError(amount.minor_units)
    if amount.currency != payment.amount.currency:
        violation = FieldViolation("amount.currency_code", "must be the payment's currency")
        raise InvalidRequestError(violation)
