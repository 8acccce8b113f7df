"""List the cards of a wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.wallet.domain.card import Card
from services.wallet.use_cases.read_ports import CardPosition, Cards


@dataclass(frozen=True, slots=True)
class ListCards:
    """List a page, newest registration first; empty and expired cards stay."""

    cards: Cards

    async def __call__(
        self, account_id: UUID, after: CardPosition | None, limit: int
    ) -> Sequence[Card]:
        return await self.cards.of_account(account_id, after, limit)
