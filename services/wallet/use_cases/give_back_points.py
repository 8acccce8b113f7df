"""Undo the points of an order that was cancelled or given back."""

from dataclasses import dataclass
from uuid import UUID

from services.wallet.use_cases.ports import Transaction


@dataclass(frozen=True, slots=True)
class GiveBackPoints:
    """Void what is pending; take back what was posted, and note a debt for what is missing."""

    async def __call__(self, tx: Transaction, order_id: UUID) -> None:
        account_id = await tx.points.account_of_order(order_id)
        if account_id is None:
            return
        account = await tx.points.lock(account_id, order_id)
        account.give_back(order_id)
        await tx.points.save(account)
