"""Screenings as the programme shows them, and the end of one that is stopped while it runs."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from services.catalog.domain.cinema import Hall
from services.catalog.domain.errors import ScreeningNotRunningError
from services.catalog.domain.film import EventKind
from services.catalog.domain.import_profile import Category
from services.catalog.domain.local_time import business_day_of
from services.catalog.domain.screening_errors import ScreeningNotChangeableError, StartInPastError
from services.common.errors import ConcurrentChangeError, FieldViolation, InvalidRequestError

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


class CancellationCause(StrEnum):
    """Why a screening is called off."""

    TECHNICAL = "TECHNICAL"
    PROGRAMME = "PROGRAMME"
    FILM_MISSING = "FILM_MISSING"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a screening came to its end; `cause` is None for one that was stopped while it ran."""

    time: datetime
    cause: CancellationCause | None
    reason: str
    attributable: bool


@dataclass(frozen=True, slots=True)
class Screening:
    """One showing. Times are UTC; `local_start` has no zone and is the cinema's clock.

    `sales_from` and `sales_until` are what staff have said of the sales window, if anything.
    """

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
    box_office_only: bool = False
    sales_from: datetime | None = None
    sales_until: datetime | None = None
    ending: Ending | None = None

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

    def sales_end_time(self, after_start: timedelta) -> datetime:
        """Say when sales end: when staff have said, or so long after the start; by its end."""
        return min(self.sales_until or self.starts_at + after_start, self.ends_at)

    def describe(self, *, etag: str, now: datetime, **changes: Any) -> Self:
        """Change how it is shown and sold, until it ends.

        CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, INVALID_FIELD for a window that is none.
        """
        self._must_be_current(etag)
        if self.state is not ScreeningState.SCHEDULED or now >= self.ends_at:
            raise ScreeningNotChangeableError(self.id, self.state)
        changed = replace(self, **changes)
        must_be_window(changed.sales_from, changed.sales_until, changed.ends_at)
        return self._next(changed)

    def reschedule(self, starts_at: datetime, zone: ZoneInfo, *, etag: str, now: datetime) -> Self:
        """Give it another start; it takes as long as before.

        CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, START_IN_PAST, INVALID_FIELD when the sales
        window that staff have set would not fit.
        """
        self._must_not_have_begun(etag, now)
        must_be_ahead(starts_at, now)
        local_start = starts_at.astimezone(zone).replace(tzinfo=None)
        ends_at = starts_at + (self.ends_at - self.starts_at)
        self._must_keep_window(ends_at, "start_time")
        return self._next(
            replace(
                self,
                starts_at=starts_at,
                ends_at=ends_at,
                local_start=local_start,
                business_day=business_day_of(local_start),
            )
        )

    def show(
        self, film: Film, rating: str, advertising: timedelta, *, etag: str, now: datetime
    ) -> Self:
        """Show another film.

        CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE, INVALID_FIELD when the sales window that staff
        have set would not fit.
        """
        self._must_not_have_begun(etag, now)
        ends_at = self.starts_at + advertising + timedelta(minutes=film.length_minutes)
        self._must_keep_window(ends_at, "film_id")
        return self._next(replace(self, film=film, rating=rating, ends_at=ends_at))

    def move(self, hall: Hall, seat_plan_id: UUID | None, *, etag: str, now: datetime) -> Self:
        """Go to another hall, with its plan. CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE."""
        self._must_not_have_begun(etag, now)
        return self._next(
            replace(self, hall_id=hall.id, hall_name=hall.name, seat_plan_id=seat_plan_id)
        )

    def cancel(self, ending: Ending, *, etag: str) -> Self:
        """Call it off before it begins. CONCURRENT_CHANGE, SCREENING_NOT_CHANGEABLE."""
        self._must_not_have_begun(etag, ending.time)
        return self._next(replace(self, state=ScreeningState.CANCELLED, ending=ending))

    def terminate(self, ending: Ending, *, etag: str) -> Self:
        """Stop it while it runs.

        CONCURRENT_CHANGE when the etag is not its own, SCREENING_NOT_RUNNING outside of start
        (included) and end.
        """
        self._must_be_current(etag)
        is_running = self.starts_at <= ending.time < self.ends_at
        if self.state is not ScreeningState.SCHEDULED or not is_running:
            raise ScreeningNotRunningError(self.id)
        return self._next(replace(self, state=ScreeningState.TERMINATED, ending=ending))

    def _must_be_current(self, etag: str) -> None:
        if etag != self.etag:
            raise ConcurrentChangeError(etag=self.etag)

    def _must_not_have_begun(self, etag: str, now: datetime) -> None:
        self._must_be_current(etag)
        if self.state is not ScreeningState.SCHEDULED or now >= self.starts_at:
            raise ScreeningNotChangeableError(self.id, self.state)

    def _must_keep_window(self, ends_at: datetime, field: str) -> None:
        if _wrong_window(self.sales_from, self.sales_until, ends_at) is not None:
            why = "does not fit the sales window, which has to be changed first"
            raise InvalidRequestError(FieldViolation(field, why))

    def _next(self, changed: Self) -> Self:
        """Count the version, unless nothing has changed."""
        return self if changed == self else replace(changed, version=self.version + 1)


def must_be_ahead(starts_at: datetime, now: datetime) -> None:
    """Raise START_IN_PAST for a start that has come."""
    if starts_at <= now:
        raise StartInPastError


def must_be_window(
    sales_from: datetime | None, sales_until: datetime | None, ends_at: datetime
) -> None:
    """Raise INVALID_FIELD for sales that end before they begin, or after the screening."""
    violation = _wrong_window(sales_from, sales_until, ends_at)
    if violation is not None:
        raise InvalidRequestError(violation)


def _wrong_window(
    sales_from: datetime | None, sales_until: datetime | None, ends_at: datetime
) -> FieldViolation | None:
    if sales_until is not None and sales_until > ends_at:
        return FieldViolation("sales_end_time", "is after the end")
    if sales_from is not None and sales_from >= (sales_until or ends_at):
        return FieldViolation("sales_start_time", "is not before their end")
    return None


def event_kind_of(category: str) -> EventKind:
    """Say what a showing is of which only the category is known."""
    return EventKind.THEATRE if category == Category.ALTERNATIVE else EventKind.FILM


def leading_format(formats: tuple[str, ...]) -> str:
    """Name the one format that a screening is listed under."""
    return next((name for name in _LEADING_FORMATS if name in formats), "2D")
