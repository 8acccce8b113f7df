"""Tell which cards of a wallet may pay which seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.wallet.domain.card import Card, CardState
from services.wallet.domain.eligibility import Eligibility, judge
from services.wallet.domain.screening import ScreeningFacts, SeatFacts
from services.wallet.use_cases.read_ports import Cards


class JudgedCard(NamedTuple):
    card: Card
    eligibility: Eligibility


@dataclass(frozen=True, slots=True)
class ListEligiblePlaces:
    """Judge every registered card of the account; those that can pay something come first."""

    cards: Cards
    max_cards: int

    async def __call__(
        self, account_id: UUID, screening: ScreeningFacts, seats: Sequence[SeatFacts]
    ) -> list[JudgedCard]:
        found = await self.cards.of_account(account_id, None, self.max_cards)
        cards = [card for card in found if card.state is CardState.REGISTERED]
        if not cards:
            return []
        paid = await self.cards.seats_paid([card.id for card in cards], screening.screening_id)
        judged = [
            JudgedCard(card, judge(card, screening, seats, seats_paid=paid.get(card.id, 0)))
            for card in cards
        ]
        return sorted(judged, key=lambda each: not each.eligibility.supplements_due)
