"""Buy a card online."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.common.errors import DomainError
from services.common.requests import RequestKey
from services.wallet.domain.errors import ProductNotFoundError
from services.wallet.domain.purchase import Buyer, Purchase, PurchaseState, Refusal
from services.wallet.domain.purchase_errors import (
    ConditionsOutdatedError,
    PurchaseNotFoundError,
)
from services.wallet.use_cases.ports import NewId, Transaction, Transactions, VersionedProduct
from services.wallet.use_cases.purchase_ports import Payments


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants to buy."""

    account_id: UUID
    product_code: str
    conditions_version: str
    buyer: Buyer
    return_url: str


@dataclass(frozen=True, slots=True)
class BuyCard:
    """Store the purchase first, then open the payment, then store the answer.

    A refusal of payment ends the purchase. A repeat of the request drives the same one on.
    """

    transactions: Transactions
    payments: Payments
    new_id: NewId
    lasts: timedelta

    async def __call__(self, key: RequestKey, wish: Wish) -> Purchase:
        purchase, product = await self._begin(key, wish)
        if purchase.state is not PurchaseState.PENDING:
            return await self._answer(key, purchase.id, "")
        try:
            redirect_url = await self.payments.create(purchase, product.product.name)
        except DomainError:
            await self._end(key, purchase.id)
            raise
        return await self._answer(key, purchase.id, redirect_url)

    async def _begin(self, key: RequestKey, wish: Wish) -> tuple[Purchase, VersionedProduct]:
        async with self.transactions() as tx:
            claim = await tx.requests.claim_open(key, self.new_id())
            product = await _product(tx, wish)
            if claim.is_new:
                purchase = await tx.purchases.add(_new(claim.work_id, wish, product), self.lasts)
            else:
                purchase = await _locked(tx, claim.work_id)
            await tx.commit()
        return purchase, product

    async def _answer(self, key: RequestKey, purchase_id: UUID, redirect_url: str) -> Purchase:
        async with self.transactions() as tx:
            purchase = await _locked(tx, purchase_id)
            if redirect_url:
                purchase.open(redirect_url)
            await tx.purchases.save(purchase, self.lasts)
            await tx.requests.store(key, purchase)
            await tx.commit()
        return purchase

    async def _end(self, key: RequestKey, purchase_id: UUID) -> None:
        """Give it up, and the request with it: refusals are not kept."""
        async with self.transactions() as tx:
            purchase = await _locked(tx, purchase_id)
            purchase.end(Refusal.ABANDONED)
            await tx.purchases.save(purchase, timedelta(0))
            await tx.purchases.drop_claim(key, purchase_id)
            await tx.commit()


async def _product(tx: Transaction, wish: Wish) -> VersionedProduct:
    product = await tx.products.newest(wish.product_code)
    if product is None or product.product.price is None:
        raise ProductNotFoundError(wish.product_code)
    if product.product.conditions_version != wish.conditions_version:
        raise ConditionsOutdatedError(product.product.conditions_version)
    return product


async def _locked(tx: Transaction, purchase_id: UUID) -> Purchase:
    purchase = await tx.purchases.lock(purchase_id)
    if purchase is None:
        raise PurchaseNotFoundError(purchase_id)
    return purchase


def _new(purchase_id: UUID, wish: Wish, product: VersionedProduct) -> Purchase:
    price = product.product.price
    if price is None:
        raise ProductNotFoundError(wish.product_code)
    return Purchase(
        id=purchase_id,
        account_id=wish.account_id,
        product_code=product.product.code,
        product_version=product.version,
        price=price,
        state=PurchaseState.PENDING,
        return_url=wish.return_url,
        expires_at=datetime.max.replace(tzinfo=UTC),
        read_at=datetime.min.replace(tzinfo=UTC),
        buyer=wish.buyer,
    )
