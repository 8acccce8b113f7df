"""Say what would become of the orders of a screening in another hall."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.errors import SalesPausedError
from services.booking.domain.hall_move import Hall, HallMove, Prices, plan_move
from services.booking.domain.seats import SeatPlan
from services.booking.use_cases.move_ports import Plans, Seated


@dataclass(frozen=True, slots=True)
class MoveImpact:
    """A move as it would be; None without orders and seats to move."""

    move: HallMove | None
    released_holds: int = 0


@dataclass(frozen=True, slots=True)
class GetMoveImpact:
    """Seat everybody as `MoveSeats` does, by what is so at the moment, and change nothing.

    SALES_PAUSED when the plan that the seats are of is not known any more.
    """

    plans: Plans
    seated: Seated

    async def __call__(self, screening_id: UUID, plan: SeatPlan, prices: Prices) -> MoveImpact:
        seat_plan_id = await self.seated.seat_plan_id(screening_id)
        if seat_plan_id is None:
            return MoveImpact(None)
        old = await self.plans.load_plan(seat_plan_id)
        if old is None:
            raise SalesPausedError
        staffs = await self.seated.blocked_by_staff(screening_id)
        blocked = frozenset(plan.seats[name].index for name in staffs if name in plan.seats)
        orders = await self.seated.orders(screening_id)
        move = plan_move(old, Hall("", "", plan, blocked), orders, prices)
        return MoveImpact(move, await self.seated.count_holds(screening_id))
