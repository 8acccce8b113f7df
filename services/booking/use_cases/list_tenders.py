"""List what can pay a hold."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.errors import HoldExpiredError
from services.booking.domain.hold import Hold, HoldState
from services.booking.domain.prices import PriceTable
from services.booking.domain.tenders import CardOption, Tenders
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.ports import Cards, Screenings
from services.booking.use_cases.price_ports import PriceTables
from services.common.errors import DomainError, ErrorKind

_PASSING = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.DEADLINE_EXCEEDED})


@dataclass(frozen=True, slots=True)
class ListTenders:
    """Give the tariff page in one answer: the quoted prices, and an account's prepaid cards.

    A wallet that does not answer costs the cards and not the page. Cards are judged for seats with
    tickets: what a card leaves to pay depends on them.
    """

    get_hold: GetHold
    price_tables: PriceTables
    screenings: Screenings
    cards: Cards

    async def __call__(
        self, screening_id: UUID, hold_id: UUID, *, owner: str, account_id: UUID | None
    ) -> Tenders:
        return await self._of(await self.get_hold(screening_id, hold_id, owner), account_id)

    async def beside(self, hold: Hold, account_id: UUID | None) -> Tenders | None:
        """Give it beside an answer about a hold that stands, whatever comes of this.

        None when the hold is over by now, or something that must be asked does not answer.
        """
        try:
            return await self._of(hold, account_id)
        except DomainError:
            return None

    async def _of(self, hold: Hold, account_id: UUID | None) -> Tenders:
        if hold.lapsed or hold.visible_state in {HoldState.RELEASED, HoldState.EXPIRED}:
            raise HoldExpiredError(hold.id)
        prices = await self._prices(hold)
        if account_id is None or not hold.tickets_chosen:
            return Tenders(hold, (), places_available=True, prices=prices)
        cards = await self._cards(account_id, hold)
        return Tenders(hold, cards or (), places_available=cards is not None, prices=prices)

    async def _prices(self, hold: Hold) -> PriceTable | None:
        table_id = hold.terms.price_table_id
        return None if table_id is None else await self.price_tables.get(table_id)

    async def _cards(self, account_id: UUID, hold: Hold) -> list[CardOption] | None:
        try:
            facts = await self.screenings.facts(hold.screening_id)
            return await self.cards.eligible(account_id, facts, hold)
        except DomainError as refusal:
            if refusal.kind not in _PASSING:
                raise
            return None
