"""Get the seat map of a screening."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.errors import SeatMapBehindError
from services.booking.domain.seats import SeatMap
from services.booking.use_cases.ports import Screenings


@dataclass(frozen=True, slots=True)
class GetSeatMap:
    """Read the state of every seat; at least the revision that the caller has seen."""

    screenings: Screenings
    max_seat_map_age_ms: int

    async def __call__(self, screening_id: UUID, *, epoch: int, min_revision: int) -> SeatMap:
        seat_map = await self.as_new_as(screening_id, epoch, min_revision)
        if min_revision and not seat_map.has_reached(epoch, min_revision):
            raise SeatMapBehindError
        return seat_map

    async def as_new_as(self, screening_id: UUID, epoch: int, revision: int) -> SeatMap:
        """Read a map that is as new as what somebody has seen, if there is one such."""
        seat_map = await self.screenings.seat_map(screening_id, max_age_ms=self.max_seat_map_age_ms)
        if revision and not seat_map.has_reached(epoch, revision):
            seat_map = await self.screenings.seat_map(screening_id, max_age_ms=0)
        if seat_map.seat_plan_id is None:
            (await self.screenings.facts(screening_id)).must_be_sold_online()
        return seat_map
