"""Films as messages, and back."""

from datetime import date
from uuid import UUID

from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import programme_service_pb2, screening_pb2

from services.catalog.domain.attributes import RATING_PENDING
from services.catalog.domain.errors import InvalidDateError
from services.catalog.domain.film import EventKind, FilmRecord, ShownFilm
from services.catalog.handlers.requests import masked
from services.catalog.use_cases.film_ports import FilmFilter

_CHANGEABLE = {
    name: name
    for name in ("title", "length_minutes", "rating", "event_kind", "languages", "genres")
}
NO_ID = UUID(int=0)


def film_of(message: screening_pb2.Film) -> FilmRecord:
    """Read a film of a request; what the server sets is left out."""
    return FilmRecord(
        id=NO_ID,
        country_code=message.country_code,
        title=message.title,
        length_minutes=message.length_minutes,
        rating=message.rating,
        event_kind=message.event_kind,
        languages=tuple(message.languages),
        genres=tuple(message.genres),
    )


def film_changes_of(request: admin_pb.UpdateFilmRequest) -> dict[str, object]:
    """Read the fields that an update names."""
    return masked(request.update_mask, film_of(request.film), _CHANGEABLE)


def film_to_proto(film: FilmRecord) -> screening_pb2.Film:
    """Pack a film as staff have described it."""
    return screening_pb2.Film(
        id=str(film.id),
        feed_id=film.feed_id,
        title=film.title,
        length_minutes=film.length_minutes,
        rating=film.rating or RATING_PENDING,
        event_kind=film.event_kind or EventKind.FILM,
        country_code=film.country_code,
        languages=film.languages,
        genres=film.genres,
        etag=film.etag,
    )


def shown_film_to_proto(shown: ShownFilm) -> screening_pb2.Film:
    """Pack a film with what its coming screenings say."""
    message = film_to_proto(shown.film)
    message.rating = shown.rating
    message.event_kind = shown.event_kind
    message.languages[:] = shown.languages
    message.formats.extend(shown.formats)
    message.dates.extend(day.isoformat() for day in shown.dates)
    return message


def film_filter_of(request: programme_service_pb2.ListFilmsRequest) -> FilmFilter:
    """Read which films are wanted; INVALID_DATE for a day that no calendar has."""
    try:
        day = date.fromisoformat(request.date) if request.date else None
    except ValueError:
        raise InvalidDateError(request.date) from None
    return FilmFilter(request.cinema_id, day)
