"""Screenings inside a transaction; every change bumps the version and tells one event."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.adapters import event_payloads
from services.catalog.adapters.event_payloads import Changed, Moved
from services.catalog.adapters.records import screening_of
from services.catalog.domain.errors import ScreeningNotFoundError
from services.catalog.domain.hall_occupancy import Slot
from services.catalog.domain.screening import Screening, ScreeningState
from services.catalog.domain.screening_change import Change, changes_between
from services.common.db.outbox import MAX_EVENTS_PER_CALL, Outbox, OutboxEvent

if TYPE_CHECKING:
    from asyncpg import Connection, Record

_LOCK = "SELECT 1 FROM screening WHERE id = $1 FOR NO KEY UPDATE"
# A statement of its own: its snapshot and its clock are taken under the lock.
_READ = "SELECT *, app_clock() AS now FROM listed_screening WHERE id = $1"
_CINEMA = "SELECT cinema_id FROM screening WHERE id = $1"
# Overlap in a hall is impossible by the constraint on the table; this finds who would be in the way.
_NEAR = """
SELECT id, starts_at, ends_at FROM screening
WHERE hall_id = $1 AND starts_at < $3 AND ends_at > $2 AND state <> 'CANCELLED'
  AND id IS DISTINCT FROM $4
ORDER BY starts_at"""
_SAVE = """
UPDATE screening SET
    version = $2, hall_id = $3, hall_number = (SELECT number FROM hall WHERE id = $3),
    film_id = $4, rating = coalesce($5, rating), starts_at = $6, ends_at = $7, local_start = $8,
    business_day = $9, category = $10, language_tokens = $11, box_office_only = $12,
    sales_from = $13, sales_until = $14, seat_plan_id = $15, state = $16, end_time = $17,
    end_cause = $18, end_reason = $19, attributable = $20
WHERE id = $1 AND version = $2 - 1"""
_ADD = """
INSERT INTO screening (id, cinema_id, hall_id, hall_number, film_id, starts_at, ends_at,
    local_start, business_day, format, formats, rating, category, attribute_tokens,
    language_tokens, unknown_tokens, blocked_online, sales_start_time, box_office_only, sales_from,
    sales_until, seat_plan_id)
SELECT $1, $2, h.id, h.number, $4, $5, $6, $7, $8, $9, $10, $11, $12, '{}', $13, '{}', false,
       $14, $15, $16, $17, $18
FROM hall h WHERE h.id = $3"""
# Its clock may be another one: an instant stays, and is another time of day then.
_TOUCH = """
UPDATE screening s SET version = s.version + 1, local_start = s.starts_at AT TIME ZONE c.time_zone
FROM cinema c
WHERE c.id = $1 AND s.cinema_id = $1 AND s.state = 'SCHEDULED' AND s.ends_at > app_clock()
RETURNING s.id, s.cinema_id, s.version, app_clock() AS now"""
_TOUCH_FILM = """
UPDATE screening SET version = version + 1
WHERE film_id = $1 AND state = 'SCHEDULED' AND ends_at > app_clock()
RETURNING id, cinema_id, version, app_clock() AS now"""
# The cinemas first: whoever changes screenings of a cinema has locked it.
_LOCK_COUNTRY = """
SELECT 1 FROM cinema WHERE country_code = $1 ORDER BY id FOR NO KEY UPDATE"""
_TOUCH_DAYS = """
UPDATE screening SET version = version + 1
WHERE cinema_id IN (SELECT id FROM cinema WHERE country_code = $1) AND local_date = ANY ($2)
  AND state = 'SCHEDULED' AND ends_at > app_clock()
RETURNING id, cinema_id, version, app_clock() AS now"""
_ASSIGN = """
UPDATE screening SET version = version + 1, seat_plan_id = seat_plan_at(hall_id, starts_at)
WHERE hall_id = $1 AND seat_plan_id IS NULL AND state = 'SCHEDULED' AND starts_at > app_clock()
  AND seat_plan_at(hall_id, starts_at) IS NOT NULL
RETURNING id, cinema_id, version, app_clock() AS now"""


@dataclass(frozen=True, slots=True)
class ScreeningStoreRows:
    """Reads and writes screenings."""

    driver: "Connection[Any]"
    outbox: Outbox

    async def lock(self, screening_id: UUID) -> tuple[Screening, datetime]:
        if await self.driver.fetchval(_LOCK, screening_id) is None:
            raise ScreeningNotFoundError(screening_id)
        row = await self.driver.fetchrow(_READ, screening_id)
        if row is None:
            raise ScreeningNotFoundError(screening_id)
        return screening_of(row), row["now"]

    async def clock(self) -> datetime:
        now: datetime = await self.driver.fetchval("SELECT app_clock()")
        return now

    async def cinema_of(self, screening_id: UUID) -> str:
        cinema_id: str | None = await self.driver.fetchval(_CINEMA, screening_id)
        if cinema_id is None:
            raise ScreeningNotFoundError(screening_id)
        return cinema_id

    async def neighbours(
        self, wanted: Slot, margin: timedelta, hall_id: UUID, screening_id: UUID | None
    ) -> list[tuple[UUID, Slot]]:
        rows = await self.driver.fetch(
            _NEAR, hall_id, wanted.starts_at - margin, wanted.ends_at + margin, screening_id
        )
        return [(row["id"], Slot(wanted.hall, row["starts_at"], row["ends_at"])) for row in rows]

    async def save(self, before: Screening, after: Screening, now: datetime) -> Screening:
        ending = after.ending
        await self.driver.execute(
            _SAVE,
            after.id,
            after.version,
            after.hall_id,
            after.film.id,
            # The feed's rating of the showing stays where the film stays.
            after.rating if after.film.id != before.film.id else None,
            after.starts_at,
            after.ends_at,
            after.local_start,
            after.business_day,
            after.category,
            after.language_tokens,
            after.box_office_only,
            after.sales_from,
            after.sales_until,
            after.seat_plan_id,
            after.state,
            ending.time if ending else None,
            ending.cause if ending else None,
            ending.reason if ending else None,
            ending.attributable if ending else None,
        )
        await self.outbox.add(_event_of(before, after, now))
        return await self._read(after.id)

    async def add(self, new: Screening) -> Screening:
        await self.driver.execute(
            _ADD,
            new.id,
            new.cinema_id,
            new.hall_id,
            new.film.id,
            new.starts_at,
            new.ends_at,
            new.local_start,
            new.business_day,
            new.format,
            new.formats,
            new.rating,
            new.category,
            new.language_tokens,
            new.sales_start_time,
            new.box_office_only,
            new.sales_from,
            new.sales_until,
            new.seat_plan_id,
        )
        await self.outbox.add(event_payloads.screening_published(new.id, new.cinema_id))
        return await self._read(new.id)

    async def _read(self, screening_id: UUID) -> Screening:
        row = await self.driver.fetchrow(_READ, screening_id)
        if row is None:
            raise LookupError("the screening was there a statement ago")
        return screening_of(row)

    async def touch_cinema(self, cinema_id: str) -> None:
        await self._tell(Change.CINEMA, await self.driver.fetch(_TOUCH, cinema_id))

    async def assign_missing_plans(self, hall_id: UUID) -> None:
        await self._tell(Change.SEAT_PLAN, await self.driver.fetch(_ASSIGN, hall_id))

    async def touch_film(self, film_id: UUID) -> None:
        await self._tell(Change.FILM_DATA, await self.driver.fetch(_TOUCH_FILM, film_id))

    async def touch_days(self, country_code: str, days: Collection[date]) -> None:
        await self.driver.execute(_LOCK_COUNTRY, country_code)
        rows = await self.driver.fetch(_TOUCH_DAYS, country_code, list(days))
        await self._tell(Change.SALES, rows)

    async def _tell(self, change: Change, rows: "Sequence[Record]") -> None:
        await add_events(
            self.outbox,
            (
                event_payloads.screening_changed(
                    Changed(row["id"], row["cinema_id"], row["version"], row["now"], (change,))
                )
                for row in rows
            ),
        )


def _event_of(before: Screening, after: Screening, now: datetime) -> OutboxEvent:
    """Make the event of a version: an ending says why, anything else what differs."""
    ending = after.ending
    if ending is not None and after.state is ScreeningState.CANCELLED:
        return event_payloads.screening_cancelled(after, ending)
    if ending is not None:
        return event_payloads.screening_terminated(after, ending)
    return event_payloads.screening_changed(
        Changed(
            after.id,
            after.cinema_id,
            after.version,
            now,
            changes_between(before, after),
            Moved(before.starts_at, before.film.id, before.hall_id),
            Moved(after.starts_at, after.film.id, after.hall_id),
        )
    )


async def add_events(outbox: Outbox, events: Iterable[OutboxEvent]) -> None:
    """Add any number of events, in as many statements as that takes."""
    remaining = iter(events)
    while batch := list(islice(remaining, MAX_EVENTS_PER_CALL)):
        await outbox.add(*batch)
