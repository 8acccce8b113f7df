"""The programme as anyone may read it."""

from typing import Protocol
from uuid import UUID

from services.catalog.domain.cinema import Cinema, Hall
from services.catalog.domain.listing import ListedScreening, ListingPlace, ScreeningFilter
from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.domain.screening import Screening


class Listings(Protocol):
    """Listings of screenings; what they say was true a moment ago, the setting says how long."""

    async def page(
        self, wanted: ScreeningFilter, after: ListingPlace | None, limit: int
    ) -> list[ListedScreening]:
        """List by start and ID, at most `limit` after that place."""
        ...


class Programme(Protocol):
    """The programme as anyone may read it, outside of transactions."""

    async def list_cinemas(self, after: tuple[str, str] | None, limit: int) -> list[Cinema]:
        """List by name and ID, after that keyset."""
        ...

    async def cinema(self, cinema_id: str) -> Cinema:
        """CINEMA_NOT_FOUND."""
        ...

    async def list_halls(self, cinema_id: str, after: str, limit: int) -> list[Hall]:
        """List by name, after that one."""
        ...

    async def screening(self, screening_id: UUID) -> Screening:
        """SCREENING_NOT_FOUND."""
        ...

    async def packed_seat_plan(self, seat_plan_id: UUID) -> bytes:
        """Give the plan as it was published, serialised; SEAT_PLAN_NOT_FOUND."""
        ...

    async def sales_facts(self, screening_id: UUID) -> SalesFacts:
        """SCREENING_NOT_FOUND."""
        ...
