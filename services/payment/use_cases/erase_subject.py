"""Remove what names the buyers of purchases."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.audit import AuditEntry
from services.payment.domain.errors import ErasureBlockedError
from services.payment.use_cases.ports import Transactions


@dataclass(frozen=True, slots=True)
class EraseSubject:
    """Erase under the payments' locks, audited; ERASURE_BLOCKED while one of them is under way.

    A purchase is named by a random ID: what stays is nobody's as soon as its owner forgets whose it
    was.
    """

    transactions: Transactions

    async def __call__(
        self, reference_ids: Sequence[UUID], *, actor: str, request_id: str, dry_run: bool
    ) -> int:
        async with self.transactions() as tx:
            if blockers := await tx.subjects.blockers(reference_ids):
                raise ErasureBlockedError(blockers)
            payments = await tx.subjects.erase(reference_ids)
            if not dry_run:
                entry = AuditEntry(
                    actor=actor,
                    roles=(),
                    action="EraseSubject",
                    subject=f"purchases/{len(reference_ids)}",
                    request_id=request_id,
                    after=repr(sorted(reference_ids)).encode(),
                )
                await tx.subjects.note(entry)
                await tx.commit()
        return payments
