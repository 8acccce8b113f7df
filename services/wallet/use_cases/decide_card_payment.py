"""Decide whether the authorised payment of a card may be captured."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.purchase import Refusal
from services.wallet.use_cases.ports import Transactions


@dataclass(frozen=True, slots=True)
class DecideCardPayment:
    """Grant or refuse, the same for ever: the purchase's row decides. None is a grant."""

    transactions: Transactions

    async def __call__(self, purchase_id: UUID, amount: Money) -> Refusal | None:
        async with self.transactions() as tx:
            purchase = await tx.purchases.lock(purchase_id)
            if purchase is None:
                return Refusal.UNKNOWN_REFERENCE
            before = purchase.state
            refusal = purchase.decide(amount)
            if purchase.state is not before:
                await tx.purchases.save(purchase, timedelta(0))
            await tx.commit()
        return refusal
