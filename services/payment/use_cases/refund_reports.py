"""What the provider says of a refund, applied with all that follows from it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.payment.domain.events import Cause, PaymentQuarantined, RefundCompleted, RefundFailed
from services.payment.domain.journal import refund_paid_entry
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund, RefundEffect, RefundReport, refund_id_of
from services.payment.use_cases.ports import Transaction

# Changes a refund by what was learnt; IGNORED when it was about another.
Learn = Callable[[Refund, datetime], RefundEffect]


async def apply_refund_report(tx: Transaction, report: RefundReport) -> RefundEffect:
    """Apply a report inside the transaction; IGNORED when it is about no refund of ours."""
    refund_id = refund_id_of(report.provider_reference)
    if not report.provider_reference and report.provider_refund_id:
        refund_id = await tx.refunds.find_id(report)
    if refund_id is None:
        return RefundEffect.IGNORED
    return await learn_of_refund(tx, refund_id, lambda refund, now: refund.apply(report, now))


async def learn_of_refund(tx: Transaction, refund_id: UUID, learn: Learn) -> RefundEffect:
    """Change a refund under its payment's lock, with event, books and exceptions."""
    found = await tx.refunds.find(refund_id)
    if found is None:
        return RefundEffect.IGNORED
    payment = None
    if found.payment_id is not None:
        payment, _, _ = await tx.payments.lock_by_id(found.payment_id)
    refund, now = await tx.refunds.lock(refund_id)
    effect = learn(refund, now)
    if effect is RefundEffect.COMPLETED:
        await tx.exceptions.refund_completed(refund_id)
        await tx.book(refund_paid_entry(refund_id, refund.amount), refund.payment_id)
    must_report = refund.is_failing and not refund.is_reported
    if must_report:
        refund.is_reported = True
    await tx.refunds.save(refund)
    if payment is not None:
        _tell(payment, refund, effect)
        if must_report:
            payment.events.append(failing(refund))
        await tx.payments.save(payment)
    elif must_report:
        await tx.exceptions.open(failing(refund))
    return effect


def _tell(payment: Payment, refund: Refund, effect: RefundEffect) -> None:
    if effect is RefundEffect.COMPLETED:
        payment.events.append(RefundCompleted(refund))
    elif effect is RefundEffect.FAILED:
        payment.events.append(RefundFailed(refund, refund.failure_code))


def failing(refund: Refund) -> PaymentQuarantined:
    """Name a refund that keeps failing."""
    return PaymentQuarantined(
        cause=Cause.REFUND_FAILING,
        attempt=None,
        pos_id=refund.pos_id,
        provider_order_id=refund.provider_order_id,
        ext_order_id=str(refund.id),
        reported=refund.amount,
    )
