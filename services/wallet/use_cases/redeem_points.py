"""Give a card for points."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.requests import RequestKey
from services.wallet.domain.card import Card
from services.wallet.domain.errors import ProductNotFoundError
from services.wallet.domain.points import PointKind
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.own_cards import cards_for, issue_own_cards
from services.wallet.use_cases.ports import NewId, Transactions


@dataclass(frozen=True, slots=True)
class RedeemPoints:
    """Take the points and issue the card in one transaction, straight into the wallet."""

    transactions: Transactions
    codes: Codes
    new_id: NewId

    async def __call__(self, key: RequestKey, account_id: UUID, product_code: str) -> Card:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            product = await tx.products.newest(product_code)
            if product is None or not product.product.points_price:
                raise ProductNotFoundError(product_code)
            account = await tx.points.lock(account_id)
            [new] = cards_for([account_id], self.codes, self.new_id)
            account.spend(product.product.points_price, PointKind.REDEEM, new.id)
            await tx.points.save(account)
            last_date = account.today + timedelta(days=product.product.validity_days)
            await issue_own_cards(
                tx, self.new_id(), product, last_date, [new], reason="points redeemed"
            )
            card = await tx.cards.read(new.id)
            await tx.requests.store(key, card)
            await tx.commit()
        return card
