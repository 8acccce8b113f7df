"""What contradicts our record: each by name, and what is done about it by itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection

from services.common.db.audit import AuditEntry
from services.common.db.transaction import Transaction
from services.common.ids import new_id
from services.payment.adapters.event_messages import quarantined_alone
from services.payment.adapters.journal import insert_entry
from services.payment.adapters.refunds import insert_refund
from services.payment.domain.events import PaymentQuarantined
from services.payment.domain.exception_case import ExceptionCase
from services.payment.domain.journal import exception_entry, exception_refund_entry
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund, RefundReason

_INSERT = """
INSERT INTO exception_case (id, cause, payment_id, attempt_number, pos_id, provider_order_id,
    ext_order_id, reported_currency, reported_amount)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING RETURNING open_time"""
_RESOLVE_ONE = """
UPDATE exception_case
SET resolve_time = app_clock(), resolved_by = 'payment', resolve_reason = $2
WHERE id = $1 AND resolve_time IS NULL"""
_RESOLVE_FAILING = """
UPDATE exception_case
SET resolve_time = app_clock(), resolved_by = 'payment', resolve_reason = $2
WHERE cause = 'REFUND_FAILING' AND ext_order_id = $1 AND resolve_time IS NULL"""
_DISMISS = """
UPDATE exception_case SET resolve_time = app_clock(), resolved_by = $2, resolve_reason = $3
WHERE id = $1"""
_REFUND_NOW = """
UPDATE refund SET next_step_at = app_clock() WHERE id = $1 AND next_step_at IS NOT NULL"""
_STRAY_NOW = """
UPDATE stray_order SET next_step_at = app_clock()
WHERE ext_order_id = $1 AND next_step_at IS NOT NULL"""
REFUNDED = "Refunded in full."


async def open_case(
    driver: "Connection[Any]",
    case_id: UUID,
    event: PaymentQuarantined,
    payment: Payment | None,
) -> bool:
    """Store a contradiction; false when the same, of no payment, is there already.

    Money that was taken goes on the books, and a refund in full with the same ID begins.
    """
    reported = event.reported
    open_time = await driver.fetchval(
        _INSERT,
        case_id,
        event.cause,
        None if payment is None else payment.id,
        event.attempt,
        event.pos_id,
        event.provider_order_id,
        event.ext_order_id,
        None if reported is None else reported.currency,
        None if reported is None else reported.minor_units,
    )
    if open_time is None:
        return False
    if event.taken and reported is not None:
        name = event.ext_order_id if payment else f"{event.pos_id}/{event.provider_order_id}"
        payment_id = None if payment is None else payment.id
        refund = _refund_in_full(case_id, event, payment, open_time)
        if await insert_refund(driver, refund):
            await insert_entry(driver, exception_entry(name, reported), payment_id=payment_id)
            owed = exception_refund_entry(case_id, reported)
            await insert_entry(driver, owed, payment_id=payment_id)
    return True


def _refund_in_full(
    case_id: UUID, event: PaymentQuarantined, payment: Payment | None, now: datetime
) -> Refund:
    if event.reported is None:
        raise TypeError("money that was taken has an amount")
    return Refund(
        id=case_id,
        payment_id=None if payment is None else payment.id,
        owner="" if payment is None else payment.owner,
        reference_id=None if payment is None else payment.reference_id,
        pos_id=event.pos_id,
        provider_order_id=event.provider_order_id,
        amount=event.reported,
        reason=RefundReason.EXCEPTION,
        create_time=now,
        next_step_at=now,
    )


@dataclass(frozen=True, slots=True)
class SqlExceptionBook:
    """Contradictions that belong to no open attempt, and the end of any."""

    tx: Transaction

    async def open(self, event: PaymentQuarantined) -> None:
        case_id = new_id()
        if await open_case(self.tx.driver, case_id, event, None):
            await self.tx.outbox.add(quarantined_alone(case_id, event.cause))

    async def refund_completed(self, refund_id: UUID) -> None:
        """End what the refund was made for, and the complaint that it fails."""
        await self.tx.driver.execute(_RESOLVE_ONE, refund_id, REFUNDED)
        await self.tx.driver.execute(_RESOLVE_FAILING, str(refund_id), "It went through.")

    async def dismiss(self, exception_id: UUID, by: str, reason: str) -> None:
        await self.tx.driver.execute(_DISMISS, exception_id, by, reason)

    async def try_now(self, case: ExceptionCase) -> None:
        await self.tx.driver.execute(_REFUND_NOW, case.refund_id)
        await self.tx.driver.execute(_STRAY_NOW, case.ext_order_id)

    async def note(self, entry: AuditEntry) -> None:
        await self.tx.audit.add(entry)
