"""Give a screening another start."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class RescheduleScreening:
    """Move a screening in time; it takes as long as before.

    SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, START_IN_PAST,
    HALL_OCCUPIED, INVALID_FIELD when the sales window does not fit.
    """

    change: ChangeScreening

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, starts_at: datetime
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            cinema, rules = await scene.cinema()
            changed = scene.screening.reschedule(
                starts_at, cinema.zone(), etag=order.etag, now=scene.now
            )
            hall = await scene.tx.halls.find(cinema.id, changed.hall_id)
            warnings = await scene.warnings(changed, hall, rules, "start_time")
            return ChangedScreening(changed, warnings)

        return await self.change(key, staff, "RescheduleScreening", order, work, in_hall=True)
