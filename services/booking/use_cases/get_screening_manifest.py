"""Get a screening's tickets for devices that must do without connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.admission import DoorTicket
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import Admissions
from services.booking.use_cases.list_admissions import OwnScreening


@dataclass(frozen=True, slots=True)
class Manifest:
    """A page of a screening's tickets; None when what the device has is still good."""

    facts: ScreeningFacts
    etag: str
    tickets: Sequence[DoorTicket] | None


@dataclass(frozen=True, slots=True)
class GetScreeningManifest:
    """Give tickets, screening and the etag of both.

    The etag is read first: what changes afterwards changes the next one.
    """

    own_screening: OwnScreening
    admissions: Admissions

    async def __call__(
        self,
        cinema_id: str,
        screening_id: UUID,
        staff: Staff,
        *,
        etag: str,
        after: UUID | None,
        limit: int,
    ) -> Manifest:
        await self.own_screening(cinema_id, screening_id, staff)
        now, facts_version = await self.admissions.etag(screening_id)
        facts = await self.own_screening.screenings.facts(screening_id, facts_version=facts_version)
        if etag == now and after is None:
            return Manifest(facts, now, None)
        return Manifest(facts, now, await self.admissions.manifest(screening_id, after, limit))
