"""Films as anyone reads them: with formats, days and ratings of their coming screenings."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.catalog.adapters.films import FILM_COLUMNS, film_of
from services.catalog.domain.attributes import RATING_PENDING, language_version
from services.catalog.domain.film import ShownFilm
from services.catalog.domain.screening import event_kind_of
from services.catalog.domain.screening_errors import FilmNotFoundError
from services.catalog.use_cases.film_ports import FilmFilter
from services.common.db.database import Database

if TYPE_CHECKING:
    from asyncpg import Record

MAX_DATES_PER_FILM = 100

# $1 the cinema or '', $2 the day or NULL: then every screening that has not ended.
_SHOWINGS = """
    s.film_id = film.id AND s.state = 'SCHEDULED' AND ($1 = '' OR s.cinema_id = $1)
    AND CASE WHEN $2::date IS NULL
        THEN s.local_date >= ((SELECT app_clock()) - interval '2 days')::date
             AND s.ends_at > (SELECT app_clock())
        ELSE s.local_date = $2 END"""
_WITH_SHOWINGS = f"""
SELECT {FILM_COLUMNS}, shown.* FROM page AS film
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT s.local_date) AS dates, array_agg(DISTINCT one_format) AS formats,
           array_agg(DISTINCT s.rating) AS ratings, array_agg(DISTINCT s.category) AS categories,
           array_agg(DISTINCT token) AS tokens
    FROM screening s
    CROSS JOIN LATERAL unnest(s.formats) AS one_format
    LEFT JOIN LATERAL unnest(s.language_tokens) AS token ON true
    WHERE {_SHOWINGS}
) shown ON true
ORDER BY title, id"""
_LIST = f"""
WITH page AS (
    SELECT * FROM film WHERE (title, id) > ($3, $4)
    AND EXISTS (SELECT FROM screening s WHERE {_SHOWINGS})
    ORDER BY title, id LIMIT $5
) {_WITH_SHOWINGS}"""
_GET = f"WITH page AS (SELECT * FROM film WHERE id = $3) {_WITH_SHOWINGS}"
_FIRST = ("", UUID(int=0))


@dataclass(frozen=True, slots=True)
class ShownFilmRows:
    """The port `ShownFilms`."""

    database: Database

    async def list_films(
        self, wanted: FilmFilter, after: tuple[str, UUID] | None, limit: int
    ) -> list[ShownFilm]:
        rows = await self.database.fetch(
            _LIST, wanted.cinema_id, wanted.day, *(after or _FIRST), limit
        )
        return [_shown_film_of(row) for row in rows]

    async def film(self, film_id: UUID) -> ShownFilm:
        row = await self.database.fetchrow(_GET, "", None, film_id)
        if row is None:
            raise FilmNotFoundError(film_id)
        return _shown_film_of(row)


def _shown_film_of(row: "Record") -> ShownFilm:
    film = film_of(row)
    ratings = row["ratings"] or [RATING_PENDING]
    categories = row["categories"] or [""]
    tokens = [token for token in row["tokens"] or () if token is not None]
    return ShownFilm(
        film=film,
        # Showings that contradict each other say nothing of the film.
        rating=film.rating or (ratings[0] if len(ratings) == 1 else RATING_PENDING),
        event_kind=film.event_kind or event_kind_of(categories[0]),
        languages=film.languages or language_version(tokens).audio,
        formats=tuple(row["formats"] or ()),
        dates=tuple((row["dates"] or ())[:MAX_DATES_PER_FILM]),
    )
