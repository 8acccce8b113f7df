"""Get a screening."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.screening import Screening
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class GetScreening:
    """Get a screening as it is now; SCREENING_NOT_FOUND."""

    programme: Programme

    async def __call__(self, screening_id: UUID) -> Screening:
        return await self.programme.screening(screening_id)
