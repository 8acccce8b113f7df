"""Quote the prices of a screening."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.errors import NoPricesError
from services.catalog.domain.prices import Quote
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class QuotePrices:
    """Quote every ticket type and area at the list in force, with that list's ID.

    SCREENING_NOT_FOUND; NO_PRICES when no line covers the screening.
    """

    programme: Programme

    async def __call__(self, screening_id: UUID) -> tuple[tuple[Quote, ...], UUID]:
        facts = await self.programme.sales_facts(screening_id)
        quotes = facts.quotes()
        if facts.price_list is None or not quotes:
            raise NoPricesError(screening_id)
        return quotes, facts.price_list.id
