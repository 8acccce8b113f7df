"""Move the seats of a screening that catalog has put into another hall."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.hall_move import Hall, HallMove, plan_move
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.domain.seats import SeatPlan
from services.booking.use_cases.move_ports import MoveTransactions, Plans, Seated
from services.booking.use_cases.order_ports import Retry
from services.booking.use_cases.ports import Screenings


@dataclass(frozen=True, slots=True)
class MoveSeats:
    """Seat everybody in the new hall, in one transaction under the board's lock.

    Claims, holds, tickets and orders have their new seats at the same moment, or none has. Holds
    without an order are given up. Those who could not be seated are cancelled by a job, and until
    it is done nothing is sold. Nothing happens while a granted order has no tickets yet: it will
    have them, or end, in a moment.
    """

    screenings: Screenings
    plans: Plans
    seated: Seated
    transactions: MoveTransactions
    retry: Retry

    async def __call__(self, screening_id: UUID) -> HallMove | None:
        """Do it; None when there is nothing to be moved, or not yet. DEPENDENCY_UNAVAILABLE."""
        facts = await self.screenings.fresh_facts(screening_id)
        if facts.state is not ScreeningState.SCHEDULED:
            return None
        old = await self._plan(await self.seated.seat_plan_id(screening_id))
        new = await self._plan(facts.seat_plan_id)
        if old is None or new is None or old.id == new.id:
            return None
        plans = old, new

        async def move() -> HallMove | None:
            return await self._move(facts, *plans)

        return await self.retry(move)

    async def _plan(self, seat_plan_id: UUID | None) -> SeatPlan | None:
        return None if seat_plan_id is None else await self.plans.load_plan(seat_plan_id)

    async def _move(self, facts: ScreeningFacts, old: SeatPlan, new: SeatPlan) -> HallMove | None:
        async with self.transactions() as tx:
            screening_id = facts.screening_id
            board = await tx.lock(screening_id)
            if not board.is_moving or board.seat_plan_id != old.id:
                return None
            if await tx.has_completing(screening_id):
                return None
            orders = await tx.seated.orders(screening_id)
            blocked = await tx.block(screening_id, new)
            hall = Hall(facts.hall_id, facts.hall_name, new, blocked)
            prices = {key: quote.price for key, quote in facts.prices.quotes.items()}
            moved = plan_move(old, hall, orders, prices)
            await tx.store(screening_id, facts.version, moved, board)
            await tx.commit()
        return moved
