"""List films that are shown."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.film import ShownFilm
from services.catalog.use_cases.film_ports import FilmFilter, ShownFilms


@dataclass(frozen=True, slots=True)
class ListFilms:
    """List at most `limit` films after a title and ID."""

    films: ShownFilms

    async def __call__(
        self, wanted: FilmFilter, after: tuple[str, UUID] | None, limit: int
    ) -> list[ShownFilm]:
        return await self.films.list_films(wanted, after, limit)
