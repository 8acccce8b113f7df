"""Publish the seat plan of a hall."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.domain.cinema import Hall, Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.seat_plan_rules import must_be_sound, with_bound_companions
from services.catalog.use_cases.ports import NewId, Transaction, Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class PublishedPlan:
    """The hall, and its plan serialised."""

    hall: Hall
    packed_plan: bytes


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan for a hall: for screenings that start then or later, or None: from now on.

    `at` is where a caller finds the plan, for naming what is wrong with it.
    """

    cinema_id: str
    hall_name: str
    plan: SeatPlan
    effective_time: datetime | None
    at: str = ""


@dataclass(frozen=True, slots=True)
class PublishSeatPlan:
    """Make a plan the hall's next version.

    Screenings that have a plan keep it, whatever is published. Those that are created later get
    the newest that is for their start, and so do coming ones that had none and could not be sold.
    The same plan again changes nothing. WRONG_CINEMA, CINEMA_NOT_FOUND, INVALID_SEAT_PLAN.
    """

    transactions: Transactions
    new_id: NewId

    async def __call__(self, key: RequestKey, staff: Staff, new: NewPlan) -> PublishedPlan:
        staff.must_act_for(new.cinema_id)
        must_be_sound(new.plan, at=new.at)
        plan = with_bound_companions(new.plan)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            if await tx.cinemas.lock(new.cinema_id) is None:
                raise CinemaNotFoundError(new.cinema_id)
            hall = await tx.halls.get_or_create(new.cinema_id, new.hall_name)
            published = await self._unchanged(tx, hall, plan, new.effective_time)
            if published is None:
                published = await self._publish(tx, hall, plan, new.effective_time)
            subject = f"{new.cinema_id}/{new.hall_name}"
            await tx.audit.add(staff, "PublishSeatPlan", subject, before=hall, after=new)
            await tx.requests.store(key, published)
            await tx.commit()
        return published

    async def _unchanged(
        self, tx: Transaction, hall: Hall, plan: SeatPlan, effective_time: datetime | None
    ) -> PublishedPlan | None:
        known = hall.seat_plan_id
        if known is None:
            return None
        if not await tx.halls.applies(known, plan.content_hash(), effective_time):
            return None
        return PublishedPlan(hall, await tx.halls.packed(known))

    async def _publish(
        self, tx: Transaction, before: Hall, plan: SeatPlan, effective_time: datetime | None
    ) -> PublishedPlan:
        seat_plan_id = self.new_id()
        hall, packed = await tx.halls.publish(before, seat_plan_id, plan, effective_time)
        await tx.events.seat_plan_published(hall, seat_plan_id, effective_time)
        await tx.screenings.assign_missing_plans(hall.id)
        return PublishedPlan(hall, packed)
