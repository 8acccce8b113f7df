"""Get a seat plan."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class GetSeatPlan:
    """Get a plan as it was published, serialised: it never changes and is never unpacked here."""

    programme: Programme

    async def __call__(self, seat_plan_id: UUID) -> bytes:
        return await self.programme.packed_seat_plan(seat_plan_id)
