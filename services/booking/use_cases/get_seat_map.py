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
        seat_map = await self.screenings.seat_map(screening_id, max_age_ms=self.max_seat_map_age_ms)
        if min_revision and not seat_map.has_reached(epoch, min_revision):
            seat_map = await self.screenings.seat_map(screening_id, max_age_ms=0)
            if not seat_map.has_reached(epoch, min_revision):
                raise SeatMapBehindError
        if seat_map.seat_plan_id is None:
            (await self.screenings.facts(screening_id)).must_be_sold_online()
        return seat_map
