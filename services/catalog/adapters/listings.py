"""Listings of screenings. A cinema's day is kept, serialised, for as long as it is true.

A call looks at no row when its day is kept: what may have changed is read for all cinemas at once,
a few times a second (`programme_versions.py`).
"""

# ruff: noqa: S608 - only constants of ours are put into the statements

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from services.catalog.adapters.day_cache import DayCache, DayKey, KeptDay
from services.catalog.adapters.programme_versions import ProgrammeVersions, Version
from services.catalog.adapters.records import screening_of
from services.catalog.domain.attributes import language_version
from services.catalog.domain.listing import (
    ListedScreening,
    ListingPlace,
    ScreeningFilter,
    page_of,
)
from services.catalog.domain.screening import Screening
from services.common.db.database import Database
from services.common.single_flight import SingleFlight

# Longer days are read page by page.
MAX_KEPT_SCREENINGS_PER_DAY = 500
_NO_MOMENT = datetime.max.replace(tzinfo=UTC)

PackScreening: TypeAlias = Callable[[Screening], bytes]


@dataclass(frozen=True, slots=True)
class ListingRows:
    """Lists screenings; `pack` serialises one as it is answered."""

    database: Database
    versions: ProgrammeVersions
    pack: PackScreening
    cache: DayCache
    _loading: SingleFlight[KeptDay | None] = field(default_factory=SingleFlight)

    async def page(
        self, wanted: ScreeningFilter, after: ListingPlace | None, limit: int
    ) -> list[ListedScreening]:
        """List at most `limit` after a place."""
        if not wanted.cinema_id:
            return await self._read(wanted, after, limit)
        versions = await self.versions.current()
        version = versions.of_cinema.get(wanted.cinema_id)
        if version is None:
            return []
        key = (wanted.cinema_id, wanted.day, wanted.by_business_day)
        day = self.cache.get(key)
        now = versions.time()
        if day is None or day.version != version or day.true_until <= now:
            # Whoever knows of a change does not wait for a reading that may not know of it.
            load = partial(self._load, key, version, now)
            day = await self._loading.run((key, version), load)
        if day is None:
            return await self._read(wanted, after, limit)
        return page_of(day.screenings, wanted, after, limit)

    async def _load(self, key: DayKey, version: Version, now: datetime) -> KeptDay | None:
        cinema_id, day, by_business_day = key
        everything = ScreeningFilter(cinema_id, None, day, by_business_day, "", True)
        statement, arguments = _statement(everything, None, MAX_KEPT_SCREENINGS_PER_DAY + 1)
        rows = await self.database.fetch(statement, *arguments)
        if len(rows) > MAX_KEPT_SCREENINGS_PER_DAY:
            return None
        screenings = [screening_of(row) for row in rows]
        kept = KeptDay(self._listed(screenings), version, _next_moment(screenings, now))
        self.cache.put(key, kept)
        return kept

    async def _read(
        self, wanted: ScreeningFilter, after: ListingPlace | None, limit: int
    ) -> list[ListedScreening]:
        """Read rows until enough are wanted: the statement knows nothing of languages."""
        found: list[ListedScreening] = []
        while True:
            statement, arguments = _statement(wanted, after, limit)
            rows = await self.database.fetch(statement, *arguments)
            listed = self._listed(screening_of(row) for row in rows)
            found += page_of(listed, wanted, None, limit - len(found))
            if len(listed) < limit or len(found) == limit:
                return found
            after = listed[-1].place

    def _listed(self, screenings: Iterable[Screening]) -> list[ListedScreening]:
        return [
            ListedScreening(
                (each.starts_at, each.id),
                each.film.id,
                each.formats,
                language_version(each.language_tokens),
                each.sold_online,
                self.pack(each),
            )
            for each in screenings
        ]


def _next_moment(screenings: Sequence[Screening], now: datetime) -> datetime:
    """Say when the clock alone may change what is listed."""
    moments = (
        moment
        for each in screenings
        for moment in (each.sales_start_time, each.starts_at, each.ends_at)
        if moment > now
    )
    return min(moments, default=_NO_MOMENT)


def _statement(
    wanted: ScreeningFilter, after: ListingPlace | None, limit: int
) -> tuple[str, list[object]]:
    """Write the statement for a filter: a handful of different texts, so each stays prepared."""
    arguments: list[object] = [wanted.day]
    conditions = [f"{'business_day' if wanted.by_business_day else 'local_date'} = $1"]

    def where(condition: str, *values: object) -> None:
        places = [f"${len(arguments) + number}" for number in range(1, len(values) + 1)]
        conditions.append(condition.format(*places))
        arguments.extend(values)

    if wanted.cinema_id:
        where("cinema_id = {}", wanted.cinema_id)
    if wanted.film_id is not None:
        where("film_id = {}", wanted.film_id)
    if wanted.format:
        where("{} = ANY (formats)", wanted.format)
    if not wanted.include_not_sold:
        where("not_sold_reason = ''")
    if after is not None:
        where("(starts_at, id) > ({}, {})", *after)
    arguments.append(limit)
    statement = (
        f"SELECT * FROM listed_screening WHERE {' AND '.join(conditions)}"
        f" ORDER BY starts_at, id LIMIT ${len(arguments)}"
    )
    return statement, arguments
