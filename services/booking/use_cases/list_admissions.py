"""List what was done at the doors of a screening."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.domain.admission import Admission
from services.booking.domain.errors import ScreeningNotFoundError
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import Admissions, DoorCounts, DoorScreenings


@dataclass(frozen=True, slots=True)
class OwnScreening:
    """Reads a screening of the cinema that staff act for; another one is as if it were not."""

    screenings: DoorScreenings

    async def __call__(self, cinema_id: str, screening_id: UUID, staff: Staff) -> ScreeningFacts:
        staff.must_act_for(cinema_id)
        facts = await self.screenings.facts(screening_id)
        if facts.cinema_id != cinema_id:
            raise ScreeningNotFoundError(screening_id)
        return facts


@dataclass(frozen=True, slots=True)
class ListAdmissions:
    """Give the records of a screening, or of one ticket of it, and how many are in."""

    own_screening: OwnScreening
    admissions: Admissions

    async def __call__(
        self,
        cinema_id: str,
        screening_id: UUID,
        staff: Staff,
        *,
        ticket_id: UUID | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> tuple[Sequence[Admission], DoorCounts]:
        await self.own_screening(cinema_id, screening_id, staff)
        found = await self.admissions.list(screening_id, ticket_id, after, limit)
        return found, await self.admissions.counts(screening_id)
