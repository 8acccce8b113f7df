"""What the use cases of films need of storage."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from services.catalog.domain.film import FilmRecord, ShownFilm


@dataclass(frozen=True, slots=True)
class FilmFilter:
    """Which films are listed: shown in a cinema, or "" for all; on a day, or None for every one."""

    cinema_id: str
    day: date | None


class ShownFilms(Protocol):
    """Films as anyone reads them, outside of transactions."""

    async def list_films(
        self, wanted: FilmFilter, after: tuple[str, UUID] | None, limit: int
    ) -> list[ShownFilm]:
        """List by title and ID, after that keyset."""
        ...

    async def film(self, film_id: UUID) -> ShownFilm:
        """FILM_NOT_FOUND."""
        ...


class FilmStore(Protocol):
    async def rating_scheme(self, country_code: str) -> Collection[str]:
        """Give the ratings of a country; none for one that nobody has described."""
        ...

    async def lock(self, film_id: UUID) -> FilmRecord:
        """FILM_NOT_FOUND."""
        ...

    async def find(self, film_id: UUID, country_code: str) -> FilmRecord:
        """FILM_NOT_FOUND, also for a film of another country."""
        ...

    async def rating_of_showings(self, film_id: UUID) -> str | None:
        """Give the rating of the newest showing, None without any."""
        ...

    async def add(self, film: FilmRecord) -> None: ...

    async def save(self, film: FilmRecord) -> FilmRecord:
        """Store it as its next version."""
        ...
