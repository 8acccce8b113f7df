"""Films and other events, as staff and feeds describe them."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from services.catalog.domain.attributes import RATING_PENDING, UNRATED
from services.catalog.domain.screening_errors import UnknownRatingError
from services.common.errors import ConcurrentChangeError

# Not of any scheme, and accepted in every country.
RATINGS_OF_NO_SCHEME = frozenset({RATING_PENDING, UNRATED})


class EventKind(StrEnum):
    """What is shown, by which prepaid cards decide."""

    FILM = "FILM"
    OPERA = "OPERA"
    THEATRE = "THEATRE"
    SPECIAL = "SPECIAL"


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """All that is known of a film. `rating` and `event_kind` are "" where each showing says it.

    Two are equal when their data are, whatever their versions.
    """

    id: UUID
    country_code: str
    title: str
    length_minutes: int
    rating: str = ""
    event_kind: str = ""
    languages: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    feed_id: str = ""
    version: int = field(default=1, compare=False)

    @property
    def etag(self) -> str:
        return f"v{self.version}"

    def changed(self, etag: str, **changes: Any) -> Self:
        """Give it new data; CONCURRENT_CHANGE when the etag is not its own."""
        if etag != self.etag:
            raise ConcurrentChangeError(etag=self.etag)
        return replace(self, **changes)

    def must_be_rated_by(self, scheme: Collection[str]) -> None:
        """Raise UNKNOWN_RATING unless the rating is one of the scheme, or none at all."""
        if self.rating and self.rating not in scheme and self.rating not in RATINGS_OF_NO_SCHEME:
            raise UnknownRatingError(self.country_code, self.rating)


@dataclass(frozen=True, slots=True)
class ShownFilm:
    """A film with what its coming screenings say of it; `rating` and `event_kind` are never ""."""

    film: FilmRecord
    rating: str
    event_kind: str
    languages: tuple[str, ...]
    formats: tuple[str, ...]
    dates: tuple[date, ...]
