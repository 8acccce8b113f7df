"""Get a hold."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.errors import HoldNotFoundError
from services.booking.domain.hold import Hold
from services.booking.use_cases.ports import Holds


@dataclass(frozen=True, slots=True)
class GetHold:
    """Read one of the caller's holds; somebody else's is as unknown as one that never was."""

    holds: Holds

    async def __call__(self, screening_id: UUID, hold_id: UUID, owner: str) -> Hold:
        hold = await self.holds.get(screening_id, hold_id)
        if hold.owner != owner:
            raise HoldNotFoundError(hold_id)
        return hold
