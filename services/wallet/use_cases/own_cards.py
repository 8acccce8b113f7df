"""Cards that come into a wallet by themselves: for points, for a birthday, bought online."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.wallet.domain.product import CardProduct
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.ports import (
    NewBatch,
    NewCard,
    NewId,
    Transaction,
    VersionedProduct,
)


def cards_for(owners: Sequence[UUID], codes: Codes, new_id: NewId) -> list[NewCard]:
    """Make a card for each account, with a number like any other's."""
    cards = []
    for owner in owners:
        card_id = new_id()
        cards.append(NewCard(card_id, new_id(), codes.new(card_id), owner))
    return cards


async def issue_own_cards(
    tx: Transaction,
    batch_id: UUID,
    product: VersionedProduct,
    last_screening_date: date,
    cards: Sequence[NewCard],
    *,
    reason: str,
) -> None:
    """Issue the cards into their owners' wallets, registered from the start."""
    terms: CardProduct = product.product
    await tx.cards.issue(
        NewBatch(
            id=batch_id,
            product=terms,
            product_version=product.version,
            last_screening_date=last_screening_date,
            reason=reason,
            issued_by="wallet",
            cards=cards,
        )
    )
