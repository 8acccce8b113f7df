"""List the screenings of a day."""

from dataclasses import dataclass

from services.catalog.domain.listing import ListedScreening, ListingPlace, ScreeningFilter
from services.catalog.use_cases.programme_ports import Listings


@dataclass(frozen=True, slots=True)
class ListScreenings:
    """List at most `limit` screenings after a place, whichever way they are looked for."""

    listings: Listings

    async def __call__(
        self, wanted: ScreeningFilter, after: ListingPlace | None, limit: int
    ) -> list[ListedScreening]:
        return await self.listings.page(wanted, after, limit)
