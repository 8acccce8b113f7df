"""Do what payment's events say of a purchase, inside their transaction."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.money import Money
from services.wallet.domain.purchase import Purchase, Refusal
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.own_cards import cards_for, issue_own_cards
from services.wallet.use_cases.ports import NewId, Transaction, VersionedProduct
from services.wallet.use_cases.purchase_ports import CardMail


@dataclass(frozen=True, slots=True)
class CompletePurchase:
    """Issue the card exactly once when the money is taken, and tell the buyer by e-mail.

    An event is no authority over money: it must be a purchase that we granted, of that price.
    """

    codes: Codes
    new_id: NewId

    async def paid(self, tx: Transaction, purchase_id: UUID, amount: Money) -> None:
        purchase = await tx.purchases.lock(purchase_id)
        if purchase is None:
            return
        [card] = cards_for([purchase.account_id], self.codes, self.new_id)
        if not purchase.pay(amount, card.id):
            return
        product = await tx.products.version(purchase.product_code, purchase.product_version)
        today = await tx.profiles.today()
        last_date = today + timedelta(days=product.product.validity_days)
        await issue_own_cards(tx, self.new_id(), product, last_date, [card], reason="bought online")
        await tx.purchases.save(purchase, None)
        if purchase.buyer is not None:
            await tx.mails.add(_mail(purchase, product, last_date.isoformat()))

    async def ended(self, tx: Transaction, purchase_id: UUID) -> None:
        """Note that the customer did not pay."""
        purchase = await tx.purchases.lock(purchase_id)
        if purchase is not None and purchase.end(Refusal.ABANDONED):
            await tx.purchases.save(purchase, timedelta(0))

    async def refunded(self, tx: Transaction, purchase_id: UUID) -> None:
        purchase = await tx.purchases.lock(purchase_id)
        if purchase is not None:
            purchase.refunded()
            await tx.purchases.save(purchase, None)


def _mail(purchase: Purchase, product: VersionedProduct, last_date: str) -> CardMail:
    buyer = purchase.buyer
    return CardMail(
        key=f"card-bought:{purchase.id}",
        kind="card-bought",
        recipient=buyer.email if buyer else "",
        language=buyer.language if buyer else "",
        product_name=product.product.name,
        count=product.product.places,
        last_date=last_date,
    )
