"""List the prices of a cinema."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.domain.errors import PriceListNotFoundError
from services.catalog.domain.prices import PriceList, PriceListVersion
from services.catalog.use_cases.price_ports import PriceReads
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class PricesWanted:
    """Which list: a version, or with None the one in force at a time, None being now."""

    cinema_id: str
    version: UUID | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ListPrices:
    """Give one price list, None when none is in force then, and at most `limit` versions.

    CINEMA_NOT_FOUND; PRICE_LIST_NOT_FOUND for a version that is not the cinema's.
    """

    programme: Programme
    prices: PriceReads

    async def __call__(
        self, wanted: PricesWanted, after: tuple[datetime, int] | None, limit: int
    ) -> tuple[PriceList | None, list[PriceListVersion]]:
        await self.programme.cinema(wanted.cinema_id)
        if wanted.version is None:
            price_list = await self.prices.in_force(wanted.cinema_id, wanted.at)
        else:
            price_list = await self.prices.of_cinema(wanted.cinema_id, wanted.version)
            if price_list is None:
                raise PriceListNotFoundError(wanted.cinema_id)
        return price_list, await self.prices.versions(wanted.cinema_id, after, limit)
