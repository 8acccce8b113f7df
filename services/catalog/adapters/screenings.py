"""Screenings inside a transaction; every change bumps the version and tells one event."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.adapters import event_payloads
from services.catalog.adapters.records import screening_of
from services.catalog.domain.errors import ScreeningNotFoundError
from services.catalog.domain.screening import Screening
from services.common.db.outbox import MAX_EVENTS_PER_CALL, Outbox, OutboxEvent

if TYPE_CHECKING:
    from asyncpg import Connection, Record

_LOCK = "SELECT 1 FROM screening WHERE id = $1 FOR NO KEY UPDATE"
# A statement of its own: its snapshot and its clock are taken under the lock.
_READ = "SELECT *, app_clock() AS now FROM listed_screening WHERE id = $1"
_TERMINATE = """
UPDATE screening
SET state = 'TERMINATED', end_time = $3, end_reason = $4, attributable = $5,
    version = $2
WHERE id = $1 AND version = $2 - 1"""
_TOUCH = """
UPDATE screening SET version = version + 1
WHERE cinema_id = $1 AND state = 'SCHEDULED' AND ends_at > app_clock()
RETURNING id, cinema_id, version"""
_TOUCH_FILM = """
UPDATE screening SET version = version + 1
WHERE film_id = $1 AND state = 'SCHEDULED' AND ends_at > app_clock()
RETURNING id, cinema_id, version"""
# The cinemas first: whoever changes screenings of a cinema has locked it.
_LOCK_COUNTRY = """
SELECT 1 FROM cinema WHERE country_code = $1 ORDER BY id FOR NO KEY UPDATE"""
_TOUCH_DAYS = """
UPDATE screening SET version = version + 1
WHERE cinema_id IN (SELECT id FROM cinema WHERE country_code = $1) AND local_date = ANY ($2)
  AND state = 'SCHEDULED' AND ends_at > app_clock()
RETURNING id, cinema_id, version"""
_ASSIGN = """
UPDATE screening SET version = version + 1, seat_plan_id = seat_plan_at(hall_id, starts_at)
WHERE hall_id = $1 AND seat_plan_id IS NULL AND state = 'SCHEDULED' AND starts_at > app_clock()
  AND seat_plan_at(hall_id, starts_at) IS NOT NULL
RETURNING id, cinema_id, version"""


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

    async def save_termination(
        self, screening: Screening, *, now: datetime, reason: str, attributable: bool
    ) -> None:
        await self.driver.execute(
            _TERMINATE, screening.id, screening.version, now, reason, attributable
        )
        await self.outbox.add(
            event_payloads.screening_terminated(
                screening.id,
                screening.cinema_id,
                screening.version,
                now=now,
                attributable=attributable,
            )
        )

    async def touch_cinema(self, cinema_id: str) -> None:
        await self._tell_changed(await self.driver.fetch(_TOUCH, cinema_id))

    async def assign_missing_plans(self, hall_id: UUID) -> None:
        await self._tell_changed(await self.driver.fetch(_ASSIGN, hall_id))

    async def touch_film(self, film_id: UUID) -> None:
        await self._tell_changed(await self.driver.fetch(_TOUCH_FILM, film_id))

    async def touch_days(self, country_code: str, days: Collection[date]) -> None:
        await self.driver.execute(_LOCK_COUNTRY, country_code)
        await self._tell_changed(await self.driver.fetch(_TOUCH_DAYS, country_code, list(days)))

    async def _tell_changed(self, rows: "Sequence[Record]") -> None:
        await add_events(
            self.outbox,
            (
                event_payloads.screening_changed(row["id"], row["cinema_id"], row["version"])
                for row in rows
            ),
        )


async def add_events(outbox: Outbox, events: Iterable[OutboxEvent]) -> None:
    """Add any number of events, in as many statements as that takes."""
    remaining = iter(events)
    while batch := list(islice(remaining, MAX_EVENTS_PER_CALL)):
        await outbox.add(*batch)
