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
    """A plan for a hall: for screenings that start then or later, or None: from now on."""

    cinema_id: str
    hall_name: str
    plan: SeatPlan
    effective_time: datetime | None

    @property
    def subject(self) -> str:
        """What the audit calls it."""
        return f"{self.cinema_id}/{self.hall_name}"


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
        must_be_sound(new.plan, at="seat_plan.")
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            hall, published = await publish_plan(tx, new, self.new_id)
            await tx.audit.add(staff, "PublishSeatPlan", new.subject, before=hall, after=new)
            await tx.requests.store(key, published)
            await tx.commit()
        return published


async def publish_plan(tx: Transaction, new: NewPlan, new_id: NewId) -> tuple[Hall, PublishedPlan]:
    """Publish a sound plan in a transaction; gives the hall as it was before, too."""
    if await tx.cinemas.lock(new.cinema_id) is None:
        raise CinemaNotFoundError(new.cinema_id)
    hall = await tx.halls.get_or_create(new.cinema_id, new.hall_name)
    plan = with_bound_companions(new.plan)
    known = hall.seat_plan_id
    if known is not None and await tx.halls.applies(known, plan.content_hash(), new.effective_time):
        return hall, PublishedPlan(hall, await tx.halls.packed(known))
    seat_plan_id = new_id()
    changed, packed = await tx.halls.publish(hall, seat_plan_id, plan, new.effective_time)
    await tx.events.seat_plan_published(changed, seat_plan_id, new.effective_time)
    await tx.screenings.assign_missing_plans(hall.id)
    return hall, PublishedPlan(changed, packed)
