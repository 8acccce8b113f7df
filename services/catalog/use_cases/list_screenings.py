"""List the screenings of a day."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.catalog.domain.screening import Screening
from services.catalog.use_cases.programme_ports import Programme, ScreeningFilter


@dataclass(frozen=True, slots=True)
class ListScreenings:
    """List at most `limit` screenings after a start and ID, whichever way they are looked for."""

    programme: Programme

    async def __call__(
        self, wanted: ScreeningFilter, after: tuple[datetime, UUID] | None, limit: int
    ) -> list[Screening]:
        return await self.programme.list_screenings(wanted, after, limit)
