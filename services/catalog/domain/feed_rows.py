"""What comes out of a programme feed: films, screenings, and rows that could not be read."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from services.catalog.domain.attributes import LanguageVersion
from services.catalog.domain.import_profile import Category


class Section(StrEnum):
    """The list of the feed that a row stands in."""

    FILMS = "films"
    EVENTS = "events"


class ProblemReason(StrEnum):
    """Why a row was left out."""

    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    MISSING_KEY = "MISSING_KEY"
    WRONG_TYPE = "WRONG_TYPE"
    BAD_TEXT = "BAD_TEXT"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    BAD_TIME = "BAD_TIME"
    NONEXISTENT_LOCAL_TIME = "NONEXISTENT_LOCAL_TIME"
    BAD_BUSINESS_DAY = "BAD_BUSINESS_DAY"
    UNKNOWN_FILM = "UNKNOWN_FILM"
    OTHER_CINEMA = "OTHER_CINEMA"
    DUPLICATE_ID = "DUPLICATE_ID"


@dataclass(frozen=True, slots=True)
class FeedFilm:
    """A film of the feed. What else it says there stands on the showings, or is not needed."""

    film_id: str
    title: str
    length_minutes: int


@dataclass(frozen=True, slots=True)
class FeedScreening:
    """A screening of the feed. `starts_at` and `ends_at` are UTC, `local_start` has no zone.

    `ends_at` is the start, the advertising and the film's length; cleaning is not in it. `hall_id`
    is the short name of the hall: the long one carries sponsors and changes.
    """

    cinema_id: str
    screening_id: str
    film_id: str
    hall_id: str
    business_day: date
    local_start: datetime
    starts_at: datetime
    ends_at: datetime
    is_start_ambiguous: bool
    formats: tuple[str, ...]
    language: LanguageVersion
    rating: str
    category: Category
    attribute_ids: tuple[str, ...]
    unknown_tokens: tuple[str, ...]
    is_blocked_online: bool
    blocked_online_until: datetime | None

    @property
    def key(self) -> tuple[str, str]:
        """(cinemaId, id), unique in the chain."""
        return self.cinema_id, self.screening_id


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out. `index` counts from 0 in its section; `row_id` may be empty."""

    section: Section
    index: int
    row_id: str
    reason: ProblemReason
    field: str
    detail: str


FeedRow: TypeAlias = FeedFilm | FeedScreening | RowProblem
