"""Give an unused card back."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.purchase import Purchase
from services.wallet.domain.purchase_errors import CardUsedError, PurchaseNotFoundError
from services.wallet.use_cases.ports import Transactions
from services.wallet.use_cases.purchase_ports import Purchases


@dataclass(frozen=True, slots=True)
class CancelCardPurchase:
    """Make the card void under its lock; the worker gives the money back afterwards.

    The card's row is locked as a reservation locks it: of the two, one wins.
    """

    transactions: Transactions
    withdrawal_period: timedelta

    async def __call__(self, key: RequestKey, account_id: UUID, purchase_id: UUID) -> Purchase:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            purchase = await tx.purchases.lock(purchase_id)
            if purchase is None or purchase.account_id != account_id:
                raise PurchaseNotFoundError(purchase_id)
            if purchase.give_back(self.withdrawal_period) and purchase.card_id is not None:
                locked = await tx.cards.lock(purchase.card_id, None)
                if locked is None or locked.card.is_touched:
                    raise CardUsedError(purchase.card_id)
                await tx.cards.make_void(purchase.card_id)
                await tx.purchases.save(purchase, timedelta(0))
            await tx.requests.store(key, purchase)
            await tx.commit()
        return purchase


@dataclass(frozen=True, slots=True)
class GetCardPurchase:
    """Show a purchase to its buyer."""

    purchases: Purchases

    async def __call__(self, account_id: UUID, purchase_id: UUID) -> Purchase:
        purchase = await self.purchases.find(account_id, purchase_id)
        if purchase is None:
            raise PurchaseNotFoundError(purchase_id)
        return purchase
