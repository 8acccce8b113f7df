"""The screenings that somebody asks for, out of those of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeAlias
from uuid import UUID

# Start and ID of the last screening of the page before.
ListingPlace: TypeAlias = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class ScreeningFilter:
    """Which screenings are listed. An empty `cinema_id`, `film_id` or `format` means all."""

    cinema_id: str
    film_id: UUID | None
    day: date
    by_business_day: bool
    format: str
    include_not_sold: bool


@dataclass(frozen=True, slots=True)
class ListedScreening:
    """A screening as it is answered, serialised, and what filters and pages look at."""

    place: ListingPlace
    film_id: UUID
    formats: tuple[str, ...]
    sold_online: bool
    packed: bytes


def page_of(
    day: Sequence[ListedScreening],
    wanted: ScreeningFilter,
    after: ListingPlace | None,
    limit: int,
) -> list[ListedScreening]:
    """Give the wanted screenings of the right day, at most `limit` after a place."""
    found: Iterable[ListedScreening] = day
    if not wanted.include_not_sold:
        found = (each for each in found if each.sold_online)
    if wanted.film_id is not None:
        found = (each for each in found if each.film_id == wanted.film_id)
    if wanted.format:
        found = (each for each in found if wanted.format in each.formats)
    if after is not None:
        found = (each for each in found if each.place > after)
    return list(islice(found, limit))
