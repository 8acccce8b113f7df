"""Drive purchases on: expire them, capture, cancel, give back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from services.common.errors import DependencyUnavailableError
from services.wallet.domain.purchase import Purchase, PurchaseState, Refusal
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.purchase_ports import Payments, Purchases


@dataclass(frozen=True, slots=True)
class DrivePurchases:
    """Do the next step of what is due; every call to payment is safe to repeat.

    Captured and refunded money is noted by payment's events, so a step is repeated until they come.
    """

    transactions: Transactions
    purchases: Purchases
    payments: Payments
    max_purchases: int
    again_after: timedelta

    async def __call__(self) -> int:
        """Tell how many were due."""
        due = await self.purchases.due(self.max_purchases, self.again_after)
        for purchase_id in due:
            try:
                await self._step(purchase_id)
            except DependencyUnavailableError:
                continue
        return len(due)

    async def _step(self, purchase_id: UUID) -> None:
        purchase = await self._after_expiry(purchase_id)
        if purchase is None:
            return
        match purchase.state:
            case PurchaseState.GRANTED:
                await self.payments.capture(purchase_id)
            case PurchaseState.ENDED:
                await self.payments.cancel(purchase_id)
                await self._done(purchase_id)
            case PurchaseState.RETURNING:
                await self.payments.refund(purchase_id, purchase.price)
            case (
                PurchaseState.PENDING
                | PurchaseState.OPEN
                | PurchaseState.PAID
                | PurchaseState.RETURNED
            ):
                return
            case _:
                assert_never(purchase.state)

    async def _after_expiry(self, purchase_id: UUID) -> Purchase | None:
        async with self.transactions() as tx:
            purchase = await tx.purchases.lock(purchase_id)
            if purchase is None:
                return None
            is_over = purchase.read_at >= purchase.expires_at
            if is_over and purchase.end(Refusal.HOLD_EXPIRED):
                await tx.purchases.save(purchase, timedelta(0))
            await tx.commit()
        return purchase

    async def _done(self, purchase_id: UUID) -> None:
        async with self.transactions() as tx:
            purchase = await tx.purchases.lock(purchase_id)
            if purchase is not None:
                await tx.purchases.save(purchase, None)
            await tx.commit()
