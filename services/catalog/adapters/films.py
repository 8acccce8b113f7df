"""Films inside a transaction, and as anyone reads them with what their screenings say."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.catalog.domain.film import FilmRecord
from services.catalog.domain.screening_errors import FilmNotFoundError

if TYPE_CHECKING:
    from asyncpg import Connection, Record

FILM_COLUMNS = """id, country_code, title, length_minutes, coalesce(rating, '') AS rating,
       coalesce(event_kind, '') AS event_kind, languages, genres,
       coalesce(feed_id, '') AS feed_id, version"""
_LOCK = f"SELECT {FILM_COLUMNS} FROM film WHERE id = $1 FOR NO KEY UPDATE"
_FIND = f"SELECT {FILM_COLUMNS} FROM film WHERE id = $1 AND country_code = $2"
_ADD = """
INSERT INTO film (id, country_code, title, length_minutes, rating, event_kind, languages, genres)
VALUES ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), $7, $8)"""
_SAVE = """
UPDATE film SET title = $2, length_minutes = $3, rating = nullif($4, ''),
    event_kind = nullif($5, ''), languages = $6, genres = $7, version = version + 1
WHERE id = $1 RETURNING version"""
_SCHEME = "SELECT code FROM rating WHERE country_code = $1"
# What the newest showing says, where staff say nothing of the film.
_RATING = """
SELECT rating FROM screening WHERE film_id = $1 ORDER BY local_date DESC, starts_at DESC LIMIT 1"""


def film_of(row: "Record") -> FilmRecord:
    """Read a row of `FILM_COLUMNS`."""
    return FilmRecord(
        id=row["id"],
        country_code=row["country_code"],
        title=row["title"],
        length_minutes=row["length_minutes"],
        rating=row["rating"],
        event_kind=row["event_kind"],
        languages=tuple(row["languages"]),
        genres=tuple(row["genres"]),
        feed_id=row["feed_id"],
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class FilmStoreRows:
    """Reads and writes films."""

    driver: "Connection[Any]"

    async def rating_scheme(self, country_code: str) -> Collection[str]:
        return frozenset(row["code"] for row in await self.driver.fetch(_SCHEME, country_code))

    async def lock(self, film_id: UUID) -> FilmRecord:
        row = await self.driver.fetchrow(_LOCK, film_id)
        if row is None:
            raise FilmNotFoundError(film_id)
        return film_of(row)

    async def find(self, film_id: UUID, country_code: str) -> FilmRecord:
        row = await self.driver.fetchrow(_FIND, film_id, country_code)
        if row is None:
            raise FilmNotFoundError(film_id)
        return film_of(row)

    async def rating_of_showings(self, film_id: UUID) -> str | None:
        rating: str | None = await self.driver.fetchval(_RATING, film_id)
        return rating

    async def add(self, film: FilmRecord) -> None:
        await self.driver.execute(_ADD, film.id, film.country_code, *_data_of(film))

    async def save(self, film: FilmRecord) -> FilmRecord:
        version = await self.driver.fetchval(_SAVE, film.id, *_data_of(film))
        return replace(film, version=version)


def _data_of(film: FilmRecord) -> tuple[object, ...]:
    return (
        film.title,
        film.length_minutes,
        film.rating,
        film.event_kind,
        film.languages,
        film.genres,
    )
