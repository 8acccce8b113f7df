"""End an exception, or have its repair tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from services.common.db.audit import AuditEntry
from services.payment.domain.errors import ExceptionNotFoundError, RepairNotOfferedError
from services.payment.domain.exception_case import ExceptionCase, Repair
from services.payment.domain.refund import Refund
from services.payment.use_cases.audit_ports import AuditReader
from services.payment.use_cases.ports import Transaction, Transactions
from services.payment.use_cases.refund_reports import learn_of_refund


@dataclass(frozen=True, slots=True)
class Decision:
    """Who of the staff wants what done, and why."""

    exception_id: UUID
    repair: Repair
    reason: str
    actor: str
    roles: Sequence[str]
    request_id: str


@dataclass(frozen=True, slots=True)
class ResolveException:
    """Do what the exception offers, with an audit row in the same transaction.

    What has ended stays as it is: asking again changes nothing.
    """

    transactions: Transactions
    audit: AuditReader

    async def __call__(self, wanted: Decision) -> ExceptionCase:
        case = await self._find(wanted.exception_id)
        if case.resolve_time is not None:
            return case
        if wanted.repair not in case.repairs:
            raise RepairNotOfferedError(case.id, wanted.repair)
        async with self.transactions() as tx:
            await _repair(tx, case, wanted)
            await tx.exceptions.note(
                AuditEntry(
                    actor=wanted.actor,
                    roles=wanted.roles,
                    action=f"ResolveException {wanted.repair}",
                    subject=f"exception/{case.id}",
                    request_id=wanted.request_id,
                    before=str(case).encode(),
                )
            )
            await tx.commit()
        return await self._find(case.id)

    async def _find(self, exception_id: UUID) -> ExceptionCase:
        case = await self.audit.exception(exception_id)
        if case is None:
            raise ExceptionNotFoundError(exception_id)
        return case


async def _repair(tx: Transaction, case: ExceptionCase, wanted: Decision) -> None:
    match wanted.repair:
        case Repair.TRY_NOW | Repair.UNDER_WAY:
            await tx.exceptions.try_now(case)
        case Repair.PAID_BY_HAND:
            if case.refund_id is not None:
                await learn_of_refund(tx, case.refund_id, Refund.pay_by_hand)
            await tx.exceptions.dismiss(case.id, wanted.actor, wanted.reason)
        case Repair.DISMISS:
            await tx.exceptions.dismiss(case.id, wanted.actor, wanted.reason)
        case _:
            assert_never(wanted.repair)
