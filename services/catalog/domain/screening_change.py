"""What a change of a screening is: what differs, what it touches, what staff should know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from services.catalog.domain.cinema import Hall
from services.catalog.domain.hall_occupancy import Slot
from services.catalog.domain.screening import Screening
from services.catalog.domain.screening_errors import HallOccupiedError


class Change(StrEnum):
    """What has changed, as the event tells it."""

    START = "START"
    FILM = "FILM"
    HALL = "HALL"
    DETAILS = "DETAILS"
    SALES = "SALES"
    SEAT_PLAN = "SEAT_PLAN"
    CINEMA = "CINEMA"
    FILM_DATA = "FILM_DATA"


class WarningKind(StrEnum):
    """What staff should know, and what does not stop them."""

    SHORT_TURNAROUND = "SHORT_TURNAROUND"
    FORMAT_NOT_IN_HALL = "FORMAT_NOT_IN_HALL"


@dataclass(frozen=True, slots=True)
class ScreeningWarning:
    """A warning; `screening_id` is the other screening's, if it is about one."""

    kind: WarningKind
    screening_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change touches: orders that are paid or may still be, and tickets.

    Of a move to another hall also who keeps their seats, who gets others and who gets none, with the
    numbers of some of these, and the holds that are given up.
    """

    orders: int
    tickets: int
    same_seat_orders: int = 0
    other_seat_orders: int = 0
    unseated_orders: int = 0
    unseated_order_numbers: tuple[str, ...] = ()
    released_holds: int = 0


@dataclass(frozen=True, slots=True)
class ChangedScreening:
    """A screening after a change, or as it would be; `impact` only where it was asked for."""

    screening: Screening
    warnings: tuple[ScreeningWarning, ...] = ()
    impact: Impact | None = None


def changes_between(before: Screening, after: Screening) -> tuple[Change, ...]:
    """Say what differs between two versions of a screening that is still on."""
    differs = {
        Change.START: before.starts_at != after.starts_at,
        Change.FILM: before.film.id != after.film.id,
        Change.HALL: before.hall_id != after.hall_id,
        Change.DETAILS: _details(before) != _details(after),
        Change.SALES: _sales(before) != _sales(after),
    }
    return tuple(change for change in differs if differs[change])


def _details(screening: Screening) -> tuple[object, ...]:
    return screening.category, screening.language_tokens, screening.formats


def _sales(screening: Screening) -> tuple[object, ...]:
    return screening.box_office_only, screening.sales_from, screening.sales_until


def hall_warnings(
    screening: Screening,
    hall: Hall,
    neighbours: Iterable[tuple[UUID, Slot]],
    cleaning: timedelta,
    field: str,
) -> tuple[ScreeningWarning, ...]:
    """Judge a screening by its hall and by what else is there near its time.

    HALL_OCCUPIED, naming the request's field, when another one is there at the same time.
    """
    warnings = []
    for other_id, slot in neighbours:
        if slot.starts_at < screening.ends_at and screening.starts_at < slot.ends_at:
            raise HallOccupiedError(other_id, field)
        gap = max(slot.starts_at - screening.ends_at, screening.starts_at - slot.ends_at)
        if gap < cleaning:
            warnings.append(ScreeningWarning(WarningKind.SHORT_TURNAROUND, other_id))
    if hall.formats and not set(screening.formats) <= set(hall.formats):
        warnings.append(ScreeningWarning(WarningKind.FORMAT_NOT_IN_HALL))
    return tuple(warnings)
