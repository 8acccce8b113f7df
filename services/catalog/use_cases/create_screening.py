"""Create a screening that no feed knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.catalog.domain.cinema import Cinema, FeedRules, Hall, Staff
from services.catalog.domain.errors import CinemaNotFoundError
from services.catalog.domain.film import FilmRecord
from services.catalog.domain.local_time import business_day_of
from services.catalog.domain.screening import (
    NotSoldReason,
    Screening,
    ScreeningState,
    leading_format,
    must_be_ahead,
    must_be_window,
)
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import warnings_in_hall
from services.catalog.use_cases.ports import NewId, Transaction, Transactions
from services.catalog.use_cases.replace_film import rating_of, shown
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class NewScreening:
    """What staff say of a screening. `advertising_minutes` None: the cinema's."""

    cinema_id: str
    hall_id: UUID
    film_id: UUID
    starts_at: datetime
    advertising_minutes: int | None
    formats: tuple[str, ...]
    language_tokens: tuple[str, ...]
    category: str
    box_office_only: bool
    sales_from: datetime | None
    sales_until: datetime | None


@dataclass(frozen=True, slots=True)
class CreateScreening:
    """Store a screening in a free hall.

    WRONG_CINEMA, CINEMA_NOT_FOUND, HALL_NOT_FOUND, FILM_NOT_FOUND, START_IN_PAST, HALL_OCCUPIED,
    INVALID_FIELD for a sales window that is none.
    """

    transactions: Transactions
    new_id: NewId

    async def __call__(
        self, key: RequestKey, staff: Staff, given: NewScreening
    ) -> ChangedScreening:
        staff.must_act_for(given.cinema_id)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            known = await tx.cinemas.lock(given.cinema_id)
            if known is None:
                raise CinemaNotFoundError(given.cinema_id)
            cinema, rules = known
            hall = await tx.halls.find(cinema.id, given.hall_id)
            film = await tx.films.find(given.film_id, cinema.country_code)
            new = await self._made(tx, given, cinema, rules, hall, film)
            warnings = await warnings_in_hall(tx, new, hall, rules, "start_time")
            created = ChangedScreening(await tx.screenings.add(new), warnings)
            await tx.audit.add(staff, "CreateScreening", str(new.id), after=created)
            await tx.requests.store(key, created)
            await tx.commit()
        return created

    async def _made(
        self,
        tx: Transaction,
        given: NewScreening,
        cinema: Cinema,
        rules: FeedRules,
        hall: Hall,
        film: FilmRecord,
    ) -> Screening:
        now = await tx.screenings.clock()
        must_be_ahead(given.starts_at, now)
        advertising_minutes = rules.advertising_minutes
        if given.advertising_minutes is not None:
            advertising_minutes = given.advertising_minutes
        minutes = advertising_minutes + film.length_minutes
        ends_at = given.starts_at + timedelta(minutes=minutes)
        must_be_window(given.sales_from, given.sales_until, ends_at)
        local_start = given.starts_at.astimezone(cinema.zone()).replace(tzinfo=None)
        return Screening(
            id=self.new_id(),
            feed_id="",
            cinema_id=cinema.id,
            hall_id=hall.id,
            hall_name=hall.name,
            film=shown(film),
            rating=await rating_of(tx, film),
            starts_at=given.starts_at,
            ends_at=ends_at,
            local_start=local_start,
            business_day=business_day_of(local_start),
            format=leading_format(given.formats),
            formats=given.formats,
            language_tokens=given.language_tokens,
            unknown_tokens=(),
            category=given.category,
            state=ScreeningState.SCHEDULED,
            not_sold_reason=NotSoldReason.NONE,
            seat_plan_id=await tx.halls.plan_at(hall.id, given.starts_at),
            sales_start_time=now,
            version=1,
            box_office_only=given.box_office_only,
            sales_from=given.sales_from,
            sales_until=given.sales_until,
        )
