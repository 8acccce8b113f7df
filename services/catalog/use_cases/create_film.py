"""Create a film."""

from dataclasses import dataclass, replace

from services.catalog.domain.cinema import Staff
from services.catalog.domain.film import FilmRecord
from services.catalog.use_cases.ports import NewId, Transactions
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class CreateFilm:
    """Store a film that no feed knows; UNKNOWN_RATING. The given ID is ignored."""

    transactions: Transactions
    new_id: NewId

    async def __call__(self, key: RequestKey, staff: Staff, given: FilmRecord) -> FilmRecord:
        film = replace(given, id=self.new_id(), feed_id="", version=1)
        async with self.transactions() as tx:
            await tx.requests.claim(key)
            film.must_be_rated_by(await tx.films.rating_scheme(film.country_code))
            await tx.films.add(film)
            await tx.audit.add(staff, "CreateFilm", str(film.id), after=film)
            await tx.requests.store(key, film)
            await tx.commit()
        return film
