"""The screenings that somebody asks for, out of those of a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeAlias
from uuid import UUID

from services.catalog.domain.attributes import LanguageKind, LanguageVersion

# Start and ID of the last screening of the page before.
ListingPlace: TypeAlias = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class ScreeningFilter:
    """Which screenings are listed. What is empty or None is not asked for."""

    cinema_id: str
    film_id: UUID | None
    day: date
    by_business_day: bool
    format: str
    include_not_sold: bool
    language: str = ""
    language_kind: LanguageKind | None = None


@dataclass(frozen=True, slots=True)
class ListedScreening:
    """A screening as it is answered, serialised, and what filters and pages look at."""

    place: ListingPlace
    film_id: UUID
    formats: tuple[str, ...]
    language: LanguageVersion
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
    if wanted.language_kind is not None:
        found = (each for each in found if each.language.kind is wanted.language_kind)
    if wanted.language:
        found = (each for each in found if _can_be_followed(each.language, wanted.language))
    if after is not None:
        found = (each for each in found if each.place > after)
    return list(islice(found, limit))


def _can_be_followed(version: LanguageVersion, language: str) -> bool:
    regional = f"{language}-"
    return any(
        code == language or code.startswith(regional)
        for code in (*version.audio, *version.subtitles)
    )
