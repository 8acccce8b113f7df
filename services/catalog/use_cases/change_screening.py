"""What all changes of a screening have in common."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from services.catalog.domain.cinema import Cinema, FeedRules, Hall, Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.hall_occupancy import Slot
from services.catalog.domain.screening import Screening
from services.catalog.domain.screening_change import (
    ChangedScreening,
    ScreeningWarning,
    hall_warnings,
)
from services.catalog.use_cases.ports import Transaction, Transactions
from services.catalog.use_cases.screening_orders import ScreeningOrders
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Order:
    """Which screening is to change; `validate_only` asks what would happen."""

    screening_id: UUID
    etag: str
    validate_only: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A screening under its lock, with the clock read there."""

    tx: Transaction
    screening: Screening
    now: datetime

    async def cinema(self) -> tuple[Cinema, FeedRules]:
        """Give the cinema, which the caller has locked."""
        known = await self.tx.cinemas.lock(self.screening.cinema_id)
        if known is None:
            raise CinemaNotFoundError(self.screening.cinema_id)
        return known

    async def warnings(
        self, changed: Screening, hall: Hall, rules: FeedRules, field: str
    ) -> tuple[ScreeningWarning, ...]:
        """Judge a changed screening in its hall; HALL_OCCUPIED, naming the field."""
        return await warnings_in_hall(self.tx, changed, hall, rules, field)


Work: TypeAlias = Callable[[Scene], Awaitable[ChangedScreening]]


@dataclass(frozen=True, slots=True)
class ChangeScreening:
    """Changes a screening in one transaction: lock, judge, store, tell, audit.

    Changes of hall or time lock the cinema first, as imports do; then the screening. A call that
    only asks does all of it and takes it back, and then asks booking whom it touches. READ
    COMMITTED with a row lock; the clock is read under it.
    """

    transactions: Transactions
    orders: ScreeningOrders

    async def __call__(
        self,
        key: RequestKey,
        staff: Staff,
        action: str,
        order: Order,
        work: Work,
        *,
        in_hall: bool = False,
    ) -> ChangedScreening:
        """SCREENING_NOT_FOUND, WRONG_CINEMA, and what the work refuses with."""
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            cinema_id = await tx.screenings.cinema_of(order.screening_id)
            staff.must_act_for(cinema_id)
            if in_hall:
                await tx.cinemas.lock(cinema_id)
            before, now = await tx.screenings.lock(order.screening_id)
            changed = await work(Scene(tx, before, now))
            if changed.screening != before:
                saved = await tx.screenings.save(before, changed.screening, now)
                changed = replace(changed, screening=saved)
            if not order.validate_only:
                subject = str(order.screening_id)
                after = (changed, order)
                await tx.audit.add(staff, action, subject, before=before, after=after)
                await tx.requests.store(key, changed)
                await tx.commit()
        if order.validate_only:
            return replace(changed, impact=await self.orders.count(order.screening_id))
        return changed


async def warnings_in_hall(
    tx: Transaction, screening: Screening, hall: Hall, rules: FeedRules, field: str
) -> tuple[ScreeningWarning, ...]:
    """Judge a screening in its hall; HALL_OCCUPIED, naming the request's field."""
    cleaning = timedelta(minutes=rules.cleaning_minutes)
    wanted = Slot(hall.name, screening.starts_at, screening.ends_at)
    neighbours = await tx.screenings.neighbours(wanted, cleaning, hall.id, screening.id)
    return hall_warnings(screening, hall, neighbours, cleaning, field)
