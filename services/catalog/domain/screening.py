"""Screenings as the programme shows them, and the end of one that is stopped while it runs."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.catalog.domain.errors import ScreeningNotRunningError
from services.catalog.domain.film import EventKind
from services.catalog.domain.import_profile import Category
from services.common.errors import ConcurrentChangeError

# What a customer calls the format when a screening has several.
_LEADING_FORMATS = ("IMAX", "4DX", "SCREENX", "SUPERSCREEN", "VIP", "3D")


class ScreeningState(StrEnum):
    """Where a screening is in its life; all but SCHEDULED are final."""

    SCHEDULED = "SCHEDULED"
    CANCELLED = "CANCELLED"
    TERMINATED = "TERMINATED"


class NotSoldReason(StrEnum):
    """Why seats are not sold online; empty when they are."""

    NONE = ""
    NO_SEAT_PLAN = "NO_SEAT_PLAN"
    CATEGORY = "CATEGORY"
    RATING = "RATING"
    NO_PRICES = "NO_PRICES"
    CINEMA = "CINEMA"
    OVER = "OVER"


@dataclass(frozen=True, slots=True)
class Film:
    """What a screening says of its film; `event_kind` is "" where the category decides."""

    id: UUID
    feed_id: str
    title: str
    length_minutes: int
    event_kind: str = ""


@dataclass(frozen=True, slots=True)
class Screening:
    """One showing. Times are UTC; `local_start` has no zone and is the cinema's clock."""

    id: UUID
    feed_id: str
    cinema_id: str
    hall_id: UUID
    hall_name: str
    film: Film
    rating: str
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    business_day: date
    format: str
    formats: tuple[str, ...]
    language_tokens: tuple[str, ...]
    unknown_tokens: tuple[str, ...]
    category: str
    state: ScreeningState
    not_sold_reason: NotSoldReason
    seat_plan_id: UUID | None
    sales_start_time: datetime
    version: int

    @property
    def event_kind(self) -> EventKind:
        if self.film.event_kind:
            return EventKind(self.film.event_kind)
        return event_kind_of(self.category)

    @property
    def sold_online(self) -> bool:
        return self.not_sold_reason is NotSoldReason.NONE

    @property
    def etag(self) -> str:
        return f"v{self.version}"

    def terminate(self, *, etag: str, now: datetime) -> Self:
        """Stop it while it runs.

        CONCURRENT_CHANGE when the etag is not its own, SCREENING_NOT_RUNNING outside of start
        (included) and end.
        """
        if etag != self.etag:
            raise ConcurrentChangeError(etag=self.etag)
        if self.state is not ScreeningState.SCHEDULED or not self.starts_at <= now < self.ends_at:
            raise ScreeningNotRunningError(self.id)
        return replace(
            self,
            state=ScreeningState.TERMINATED,
            not_sold_reason=NotSoldReason.OVER,
            version=self.version + 1,
        )


def event_kind_of(category: str) -> EventKind:
    """Say what a showing is of which only the category is known."""
    return EventKind.THEATRE if category == Category.ALTERNATIVE else EventKind.FILM


def leading_format(formats: tuple[str, ...]) -> str:
    """Name the one format that a screening is listed under."""
    return next((name for name in _LEADING_FORMATS if name in formats), "2D")
