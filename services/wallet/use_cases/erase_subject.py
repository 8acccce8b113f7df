"""Make an account's rows nobody's."""

from dataclasses import dataclass
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.errors import ErasureBlockedError
from services.wallet.use_cases.ports import Actor, AuditNote, Transactions
from services.wallet.use_cases.subject_ports import Leftovers


@dataclass(frozen=True, slots=True)
class EraseSubject:
    """Put a random ID in the account's place everywhere, in one transaction, audited under that ID.

    ERASURE_BLOCKED while an order holds places or value, or a card is being bought or given back.
    """

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, actor: Actor, account_id: UUID, subject_id: UUID
    ) -> Leftovers:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            if blockers := await tx.subjects.blockers(account_id):
                raise ErasureBlockedError(blockers)
            left = await tx.subjects.leftovers(account_id, subject_id)
            await tx.subjects.erase(account_id, subject_id)
            await tx.requests.store(key, left)
            await tx.audit.note(AuditNote(actor, "EraseSubject", f"subject/{subject_id}"))
            await tx.commit()
        return left

    async def look(self, account_id: UUID, subject_id: UUID) -> Leftovers:
        """Say what it would do, and change nothing."""
        async with self.transactions() as tx:
            if blockers := await tx.subjects.blockers(account_id):
                raise ErasureBlockedError(blockers)
            return await tx.subjects.leftovers(account_id, subject_id)
