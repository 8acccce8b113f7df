"""Show what happened to the places of a card."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.wallet.domain.errors import CardNotFoundError
from services.wallet.use_cases.read_ports import Cards, ListedCardEntry


@dataclass(frozen=True, slots=True)
class ListCardEntries:
    """List a page of a card's entries, newest first; CARD_NOT_FOUND for somebody else's."""

    cards: Cards

    async def __call__(
        self, account_id: UUID, card_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedCardEntry]:
        found = await self.cards.find(account_id, card_id)
        if found is None:
            raise CardNotFoundError(card_id)
        entries = await self.cards.entries(card_id, before, limit)
        if found[0].product.is_unlimited:
            # How many places such a card is issued with is nobody's business.
            return [each.without_issue() for each in entries]
        return entries
