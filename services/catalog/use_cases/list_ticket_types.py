"""List the ticket types of a cinema."""

from dataclasses import dataclass

from services.catalog.domain.prices import PriceList
from services.catalog.use_cases.price_ports import PriceReads
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class ListTicketTypes:
    """Give the list in force, which has the types; None without one. CINEMA_NOT_FOUND."""

    programme: Programme
    prices: PriceReads

    async def __call__(self, cinema_id: str) -> PriceList | None:
        await self.programme.cinema(cinema_id)
        return await self.prices.in_force(cinema_id, None)
