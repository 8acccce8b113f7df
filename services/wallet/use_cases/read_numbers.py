"""Open the numbers of freshly issued cards, for who asked for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.wallet.use_cases.code_ports import Codes
from services.wallet.use_cases.read_ports import Cards


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """Give the full numbers in the order of the card IDs."""

    cards: Cards
    codes: Codes

    async def __call__(self, card_ids: Sequence[UUID]) -> list[str]:
        sealed = {each.owner_id: each for each in await self.cards.sealed_numbers(card_ids)}
        return [
            self.codes.reveal(card_id, sealed[card_id].sealed, sealed[card_id].seal_key)
            for card_id in card_ids
        ]
