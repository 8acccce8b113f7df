"""Change some data of a film."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.cinema import Staff
from services.catalog.domain.film import FilmRecord
from services.catalog.use_cases.ports import Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class UpdateFilm:
    """Store the fields that are given; each coming screening of the film is told as changed.

    FILM_NOT_FOUND, CONCURRENT_CHANGE, UNKNOWN_RATING.
    """

    transactions: Transactions

    async def __call__(
        self, key: RequestKey, staff: Staff, film_id: UUID, etag: str, changes: Mapping[str, object]
    ) -> FilmRecord:
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            before = await tx.films.lock(film_id)
            film = before.changed(etag, **changes)
            film.must_be_rated_by(await tx.films.rating_scheme(film.country_code))
            if film != before:
                film = await tx.films.save(film)
                await tx.screenings.touch_film(film_id)
            await tx.audit.add(staff, "UpdateFilm", str(film_id), before=before, after=film)
            await tx.requests.store(key, film)
            await tx.commit()
        return film
