"""Publish the seat plan of a hall."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Hall, Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.use_cases.ports import NewId, Transaction, Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """The hall, and its plan serialised."""

    hall: Hall
    packed_plan: bytes


@dataclass(frozen=True, slots=True)
class PublishSeatPlan:
    """Make a plan the hall's next version, for screenings created from now on.

    The same plan again changes nothing. The first plan of a hall is also given to its coming
    screenings, which could not be sold without one. WRONG_CINEMA, CINEMA_NOT_FOUND,
    INVALID_SEAT_PLAN.
    """

    transactions: Transactions
    new_id: NewId

    async def __call__(
        self, key: RequestKey, staff: Staff, cinema_id: str, hall_name: str, plan: SeatPlan
    ) -> PublishedPlan:
        staff.must_act_for(cinema_id)
        plan.must_be_sound()
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            if await tx.cinemas.lock(cinema_id) is None:
                raise CinemaNotFoundError(cinema_id)
            hall = await tx.halls.get_or_create(cinema_id, hall_name)
            published = await self._unchanged(tx, hall, plan) or await self._publish(tx, hall, plan)
            await tx.audit.add(
                staff, "PublishSeatPlan", f"{cinema_id}/{hall_name}", before=hall, after=plan
            )
            await tx.requests.store(key, published)
            await tx.commit()
        return published

    async def _unchanged(self, tx: Transaction, hall: Hall, plan: SeatPlan) -> PublishedPlan | None:
        if hall.seat_plan_id is None:
            return None
        if await tx.halls.content_hash(hall.seat_plan_id) != plan.content_hash():
            return None
        return PublishedPlan(hall, await tx.halls.packed(hall.seat_plan_id))

    async def _publish(self, tx: Transaction, before: Hall, plan: SeatPlan) -> PublishedPlan:
        seat_plan_id = self.new_id()
        hall, packed = await tx.halls.publish(before, seat_plan_id, plan)
        await tx.events.seat_plan_published(hall, seat_plan_id)
        if before.seat_plan_id is None:
            await tx.screenings.assign_first_plan(hall.id, seat_plan_id)
        return PublishedPlan(hall, packed)
