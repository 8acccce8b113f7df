"""Post points whose orders can no longer be cancelled, and expire those that were not redeemed."""

from dataclasses import dataclass

from services.wallet.domain.points import PointsPolicy
from services.wallet.use_cases.points_ports import Points
from services.wallet.use_cases.ports import Transactions


@dataclass(frozen=True, slots=True)
class SettlePoints:
    """Settle the accounts that are due, at most `max_accounts` a run, one after the other."""

    transactions: Transactions
    points: Points
    policy: PointsPolicy
    max_accounts: int

    async def __call__(self) -> int:
        """Tell how many accounts were due."""
        due = await self.points.due(self.max_accounts)
        for account_id in due:
            async with self.transactions() as tx:
                account = await tx.points.lock(account_id)
                account.expire()
                account.post_due(self.policy.valid_days)
                await tx.points.save(account)
                await tx.commit()
        return len(due)
