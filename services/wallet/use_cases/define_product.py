"""Define a card product, or give it new terms."""

from dataclasses import dataclass

from services.common.requests import RequestKey
from services.wallet.domain.product import CardProduct
from services.wallet.use_cases.ports import Actor, AuditNote, Transactions


@dataclass(frozen=True, slots=True)
class DefineProduct:
    """Store the terms as the product's next version; the same terms again add nothing.

    Cards keep the version that they were issued under.
    """

    transactions: Transactions

    async def __call__(self, key: RequestKey, actor: Actor, product: CardProduct) -> CardProduct:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            newest = await tx.products.newest_for_update(product.code)
            version = newest.version if newest else 0
            if newest is None or newest.product != product:
                version += 1
                await tx.products.add(product, version)
            await tx.requests.store(key, product)
            subject = f"card_product/{product.code}/{version}"
            before = terms(newest.product) if newest else b""
            await tx.audit.note(AuditNote(actor, "DefineProduct", subject, before, terms(product)))
            await tx.commit()
        return product


def terms(product: CardProduct) -> bytes:
    """Write a product's terms in one canonical way, for the audit's hash."""
    listed = [
        product.code,
        product.name,
        product.places,
        sorted(product.formats),
        product.supplements_included,
        sorted(product.areas),
        sorted(product.event_kinds),
        sorted(product.weekdays),
        product.valid_on_holidays,
        sorted(product.cinema_ids),
        product.max_seats_per_screening,
        product.conditions,
        product.conditions_version,
        product.kind,
        sorted(product.supplement_formats),
        product.validity_days,
        product.price,
        product.points_price,
        product.partly_usable,
    ]
    return repr(listed).encode()
