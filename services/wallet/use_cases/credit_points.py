"""Give an account points by hand, or take some."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.points import PointKind, PointsPolicy
from services.wallet.use_cases.ports import Actor, AuditNote, NewId, Transactions


class CreditedPoints(NamedTuple):
    balance: int
    debt: int


@dataclass(frozen=True, slots=True)
class CreditPoints:
    """Correct an account's points; audited with the reason."""

    transactions: Transactions
    policy: PointsPolicy
    new_id: NewId

    async def __call__(
        self, key: RequestKey, actor: Actor, account_id: UUID, points: int, reason: str
    ) -> CreditedPoints:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            account = await tx.points.lock(account_id)
            before = repr((account.balance, account.debt)).encode()
            if points > 0:
                account.credit(self.new_id(), points, self.policy.valid_days)
            else:
                account.spend(-points, PointKind.DEBIT)
            await tx.points.save(account, reason=reason)
            result = CreditedPoints(account.balance, account.debt)
            await tx.requests.store(key, result)
            subject, after = f"points/{account.ledger_id}", repr((points, result, reason)).encode()
            await tx.audit.note(AuditNote(actor, "CreditPoints", subject, before, after))
            await tx.commit()
        return result
