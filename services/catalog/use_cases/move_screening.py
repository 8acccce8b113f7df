"""Move a screening to another hall."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.domain.screening_errors import ScreeningHasOrdersError
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.common.requests import RequestKey

_ACTION = "MoveScreening"


@dataclass(frozen=True, slots=True)
class MoveScreening:
    """Move a screening to another hall of its cinema, with that hall's plan, while nobody has bought.

    The move is tried first, and booking asked for orders; one that is placed in between is refused
    there, because the hall is not the one that was held. SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE,
    SCREENING_NOT_CHANGEABLE, HALL_NOT_FOUND, HALL_OCCUPIED, SCREENING_HAS_ORDERS,
    DEPENDENCY_UNAVAILABLE.
    """

    change: ChangeScreening

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, hall_id: UUID
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            cinema, rules = await scene.cinema()
            hall = await scene.tx.halls.find(cinema.id, hall_id)
            seat_plan_id = await scene.tx.halls.plan_at(hall.id, scene.screening.starts_at)
            changed = scene.screening.move(hall, seat_plan_id, etag=order.etag, now=scene.now)
            return ChangedScreening(changed, await scene.warnings(changed, hall, rules, "hall_id"))

        asking = replace(order, validate_only=True)
        asked = await self.change(key, staff, _ACTION, asking, work, in_hall=True)
        if order.validate_only:
            return asked
        if asked.impact is not None and asked.impact.orders:
            raise ScreeningHasOrdersError(order.screening_id, asked.impact.orders)
        return await self.change(key, staff, _ACTION, order, work, in_hall=True)
