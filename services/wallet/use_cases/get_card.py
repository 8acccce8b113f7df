"""Show a card with its number to its owner."""

from dataclasses import dataclass
from uuid import UUID

from services.wallet.domain.card import Card
from services.wallet.domain.errors import CardNotFoundError
from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.read_ports import Cards


@dataclass(frozen=True, slots=True)
class GetCard:
    """Give the card and its full number; CARD_NOT_FOUND for somebody else's."""

    cards: Cards
    codes: Codes

    async def __call__(self, account_id: UUID, card_id: UUID) -> tuple[Card, str]:
        found = await self.cards.find(account_id, card_id)
        if found is None:
            raise CardNotFoundError(card_id)
        card, number = found
        return card, self.codes.reveal(number.owner_id, number.sealed, number.seal_key)
