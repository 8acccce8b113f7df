"""A screening of a feed in the form in which it is stored."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from services.catalog.domain.attributes import (
    LanguageVersion,
    is_language_token,
    language_tokens,
)
from services.catalog.domain.feed_rows import FeedFilm, FeedScreening
from services.catalog.domain.screening import leading_format


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What the import keeps of a screening; `blocked_until` delays the start of sales."""

    feed_id: str
    hall_name: str
    film_feed_id: str
    starts_at: datetime
    ends_at: datetime
    local_start: datetime
    business_day: date
    format: str
    formats: tuple[str, ...]
    rating: str
    category: str
    attribute_tokens: tuple[str, ...]
    language_tokens: tuple[str, ...]
    unknown_tokens: tuple[str, ...]
    blocked_online: bool
    blocked_until: datetime | None

    def content_hash(self, film: FeedFilm) -> bytes:
        """Hash all of it with the film's title and length: equal means unchanged."""
        content = repr((self, film.title, film.length_minutes))
        return hashlib.blake2b(content.encode(), digest_size=16).digest()


def imported_row(screening: FeedScreening) -> ImportedRow:
    """Take from a feed's screening what is kept.

    How full it is elsewhere is left out: the seats sold here are our own.
    """
    until = screening.blocked_online_until if screening.is_blocked_online else None
    return ImportedRow(
        feed_id=screening.screening_id,
        hall_name=screening.hall_id,
        film_feed_id=screening.film_id,
        starts_at=screening.starts_at,
        ends_at=screening.ends_at,
        local_start=screening.local_start,
        business_day=screening.business_day,
        format=leading_format(screening.formats),
        formats=screening.formats,
        rating=screening.rating,
        category=screening.category.value,
        attribute_tokens=screening.attribute_ids,
        language_tokens=_language_tokens(screening.attribute_ids, screening.language),
        unknown_tokens=screening.unknown_tokens,
        blocked_online=screening.is_blocked_online and until is None,
        blocked_until=until,
    )


def _language_tokens(tokens: tuple[str, ...], language: LanguageVersion) -> tuple[str, ...]:
    spoken = tuple(sorted(token for token in tokens if is_language_token(token.lower())))
    return spoken or language_tokens(language)
