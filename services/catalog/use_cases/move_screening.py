"""Move a screening to another hall."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.catalog.domain.cinema import Staff
from services.catalog.domain.screening_change import ChangedScreening, Impact
from services.catalog.domain.screening_errors import ScreeningHasOrdersError
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.catalog.use_cases.programme_ports import Programme
from services.catalog.use_cases.screening_orders import ScreeningOrders
from services.common.requests import RequestKey

_ACTION = "MoveScreening"


@dataclass(frozen=True, slots=True)
class MoveScreening:
    """Move a screening to another hall of its cinema, with that hall's plan; booking moves the seats.

    The move is tried first, and booking asked for orders: without a plan nobody can be seated. One
    that is placed in between is refused there, because the hall is not the one that was held.
    SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, HALL_NOT_FOUND,
    HALL_OCCUPIED, SCREENING_HAS_ORDERS, DEPENDENCY_UNAVAILABLE.
    """

    change: ChangeScreening
    programme: Programme
    orders: ScreeningOrders

    async def __call__(
        self, key: RequestKey, staff: Staff, order: Order, hall_id: UUID
    ) -> ChangedScreening:
        areas: tuple[str, ...] = ()

        async def work(scene: Scene) -> ChangedScreening:
            nonlocal areas
            cinema, rules = await scene.cinema()
            hall = await scene.tx.halls.find(cinema.id, hall_id)
            seat_plan_id = await scene.tx.halls.plan_at(hall.id, scene.screening.starts_at)
            if seat_plan_id is not None:
                areas = await scene.tx.halls.areas_of(seat_plan_id)
            changed = scene.screening.move(hall, seat_plan_id, etag=order.etag, now=scene.now)
            return ChangedScreening(changed, await scene.warnings(changed, hall, rules, "hall_id"))

        asking = replace(order, validate_only=True)
        asked = await self.change(key, staff, _ACTION, asking, work, in_hall=True)
        orders = asked.impact.orders if asked.impact is not None else 0
        seat_plan_id = asked.screening.seat_plan_id
        if orders and seat_plan_id is None:
            raise ScreeningHasOrdersError(order.screening_id, orders)
        if not order.validate_only:
            return await self.change(key, staff, _ACTION, order, work, in_hall=True)
        if seat_plan_id is None:
            return asked
        return replace(asked, impact=await self._preview(order.screening_id, seat_plan_id, areas))

    async def _preview(
        self, screening_id: UUID, seat_plan_id: UUID, areas: tuple[str, ...]
    ) -> Impact:
        facts = await self.programme.sales_facts(screening_id)
        plan = await self.programme.packed_seat_plan(seat_plan_id)
        quotes = replace(facts, areas=areas).quotes()
        return await self.orders.get_move_impact(screening_id, plan, quotes.tickets)
