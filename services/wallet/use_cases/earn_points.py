"""Note the points that a confirmed order brings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.points import PointsPolicy, points_for
from services.wallet.use_cases.ports import NewId, Transaction


@dataclass(frozen=True, slots=True)
class EarnPoints:
    """Note them as pending until the order can no longer be cancelled, once for each order."""

    policy: PointsPolicy
    new_id: NewId

    async def __call__(
        self,
        tx: Transaction,
        account_id: UUID,
        order_id: UUID,
        money_paid: Money,
        cancellable_until: datetime,
    ) -> None:
        points = points_for(money_paid, self.policy)
        if points <= 0:
            return
        account = await tx.points.lock(account_id, order_id)
        account.earn(self.new_id(), order_id, points, cancellable_until)
        await tx.points.save(account)
