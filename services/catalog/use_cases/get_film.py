"""Get a film."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.film import ShownFilm
from services.catalog.use_cases.film_ports import ShownFilms


@dataclass(frozen=True, slots=True)
class GetFilm:
    """Get a film as it is now; FILM_NOT_FOUND."""

    films: ShownFilms

    async def __call__(self, film_id: UUID) -> ShownFilm:
        return await self.films.film(film_id)
