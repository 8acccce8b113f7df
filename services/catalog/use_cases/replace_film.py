"""Show another film instead."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.catalog.domain.attributes import RATING_PENDING
from services.catalog.domain.cinema import Staff
from services.catalog.domain.film import FilmRecord
from services.catalog.domain.screening import Film
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.use_cases.change_screening import ChangeScreening, Order, Scene
from services.catalog.use_cases.ports import Transaction
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class ReplaceFilm:
    """Show another film at the same time; its length moves the end.

    SCREENING_NOT_FOUND, WRONG_CINEMA, CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, FILM_NOT_FOUND,
    HALL_OCCUPIED, INVALID_FIELD when the sales window does not fit.
    """

    change: ChangeScreening

    async def __call__(
        self,
        key: RequestKey,
        staff: Staff,
        order: Order,
        film_id: UUID,
        advertising_minutes: int | None,
    ) -> ChangedScreening:
        async def work(scene: Scene) -> ChangedScreening:
            cinema, rules = await scene.cinema()
            film = await scene.tx.films.find(film_id, cinema.country_code)
            minutes = rules.advertising_minutes
            if advertising_minutes is not None:
                minutes = advertising_minutes
            changed = scene.screening.show(
                shown(film),
                await rating_of(scene.tx, film),
                timedelta(minutes=minutes),
                etag=order.etag,
                now=scene.now,
            )
            hall = await scene.tx.halls.find(cinema.id, changed.hall_id)
            return ChangedScreening(changed, await scene.warnings(changed, hall, rules, "film_id"))

        return await self.change(key, staff, "ReplaceFilm", order, work, in_hall=True)


def shown(film: FilmRecord) -> Film:
    """Say of a film what its screenings say."""
    return Film(film.id, film.feed_id, film.title, film.length_minutes, film.event_kind)


async def rating_of(tx: Transaction, film: FilmRecord) -> str:
    """Rate a new showing: as staff have said, or as the newest showing is rated."""
    return film.rating or await tx.films.rating_of_showings(film.id) or RATING_PENDING
