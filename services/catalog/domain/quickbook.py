"""The chain's quickbook programme feed, row by row.

Two shapes are read: today's (with `languages`) and the older one (tokens only).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from services.catalog.domain import feed_fields as read
from services.catalog.domain.attributes import Attributes, interpret
from services.catalog.domain.errors import FeedTooLargeError, UnreadableFeedError
from services.catalog.domain.feed_rows import (
    FeedFilm,
    FeedRow,
    FeedScreening,
    ProblemReason,
    RowProblem,
    Section,
)
from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.local_time import (
    HallOrder,
    LocalInstant,
    NonexistentLocalTimeError,
    to_instant,
)

MAX_FILMS_PER_FEED = 20_000
MAX_SCREENINGS_PER_FEED = 500_000
MAX_LENGTH_MINUTES = 900
MIN_YEAR, MAX_YEAR = 1880, 2200
MAX_CACHED_ATTRIBUTES = 4_096

_LANGUAGE_PARTS = ("original", "dubbed", "voiceover", "subtitles")
_LONGEST_BUSINESS_DAY = timedelta(days=1)


class FeedParser:
    """Reads the rows of one feed; remembers its films, because lengths stand there.

    All profiles must share one vocabulary, since a film row names no cinema: ValueError.
    """

    def __init__(self, profiles: Mapping[str, ImportProfile]) -> None:
        vocabularies = {id(p.vocabulary): p.vocabulary for p in profiles.values()}
        if len(vocabularies) != 1:
            raise ValueError("one feed, one vocabulary")
        (self._vocabulary,) = vocabularies.values()
        self._profiles = profiles
        self._running_times: dict[str, timedelta] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._meanings: dict[Any, Attributes] = {}
        self._halls: dict[tuple[str, str], HallOrder] = {}

    def film(self, index: int, row: object) -> FeedFilm | RowProblem:
        """Read a row of `films`. A film that comes twice replaces the first."""
        if index >= MAX_FILMS_PER_FEED:
            raise FeedTooLargeError(limit_rows=MAX_FILMS_PER_FEED)
        if not isinstance(row, dict):
            return _not_an_object(Section.FILMS, index, row)
        try:
            film = self._film(row)
        except read.RowError as error:
            return _problem(Section.FILMS, index, row, error)
        self._running_times[film.film_id] = timedelta(minutes=film.length_minutes)
        return film

    def screening(self, index: int, row: object) -> FeedScreening | RowProblem:
        """Read a row of `events`; its film must have been read before."""
        if index >= MAX_SCREENINGS_PER_FEED:
            raise FeedTooLargeError(limit_rows=MAX_SCREENINGS_PER_FEED)
        if not isinstance(row, dict):
            return _not_an_object(Section.EVENTS, index, row)
        try:
            screening = self._screening(row)
            self._remember(screening)
        except read.RowError as error:
            return _problem(Section.EVENTS, index, row, error)
        return screening

    def _remember(self, screening: FeedScreening) -> None:
        """Refuse an ID that stood there with other content; an equal repeat is no problem."""
        content = hash(screening)
        if self._seen.setdefault(screening.key, content) != content:
            raise read.RowError(ProblemReason.DUPLICATE_ID, "id", screening.screening_id)

    def _film(self, row: read.Row) -> FeedFilm:
        return FeedFilm(
            film_id=read.text(row, "id"),
            title=read.text(row, "name", read.MAX_NAME_CHARS),
            length_minutes=read.whole_number(row, "length", 1, MAX_LENGTH_MINUTES),
        )

    def _screening(self, row: read.Row) -> FeedScreening:
        profile = self._profile(row)
        film_id = read.text(row, "filmId")
        running_time = self._running_times.get(film_id)
        if running_time is None:
            raise read.RowError(ProblemReason.UNKNOWN_FILM, "filmId", film_id)
        tokens = read.tokens(row, "attributeIds")
        meaning = self._meaning(tokens, _languages(row))
        screening_id, hall_id = read.text(row, "id"), read.text(row, "auditoriumTinyName")
        local_start = read.local_datetime(row, "eventDateTime")
        start = _instant(local_start, "eventDateTime", profile)
        duration = timedelta(minutes=profile.advertising_minutes) + running_time
        business_day = _business_day(row, local_start)
        blocked, blocked_until = _online_block(row, profile)
        hall = self._halls.setdefault((profile.cinema_id, hall_id), HallOrder())
        starts_at = hall.place(screening_id, start, duration)
        return FeedScreening(
            cinema_id=profile.cinema_id,
            screening_id=screening_id,
            film_id=film_id,
            hall_id=hall_id,
            business_day=business_day,
            local_start=local_start,
            starts_at=starts_at,
            ends_at=starts_at + duration,
            is_start_ambiguous=start.is_ambiguous,
            formats=meaning.formats,
            language=meaning.language,
            rating=meaning.rating,
            category=meaning.category,
            attribute_ids=tokens,
            unknown_tokens=meaning.unknown_tokens,
            is_blocked_online=blocked,
            blocked_online_until=blocked_until,
        )

    def _profile(self, row: read.Row) -> ImportProfile:
        cinema_id = read.text(row, "cinemaId")
        profile = self._profiles.get(cinema_id)
        if profile is None:
            raise read.RowError(ProblemReason.OTHER_CINEMA, "cinemaId", cinema_id)
        return profile

    def _meaning(
        self, tokens: tuple[str, ...], languages: tuple[tuple[str, ...], ...] | None
    ) -> Attributes:
        # A feed has thousands of rows and a few dozen combinations.
        key = (tokens, languages)
        meaning = self._meanings.get(key)
        if meaning is None:
            lists = languages and dict(zip(_LANGUAGE_PARTS, languages, strict=True))
            meaning = interpret(tokens, self._vocabulary, lists or None)
            if len(self._meanings) < MAX_CACHED_ATTRIBUTES:
                self._meanings[key] = meaning
        return meaning


def parse_feed(document: object, profiles: Mapping[str, ImportProfile]) -> Iterator[FeedRow]:
    """Read a whole decoded feed: films first, then screenings.

    Raises UnreadableFeedError when it is not `{"body": {"films": [], "events": []}}`.
    """
    body = document.get("body") if isinstance(document, dict) else None
    films = body.get("films") if isinstance(body, dict) else None
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(films, list) or not isinstance(events, list):
        raise UnreadableFeedError("it has no lists body.films and body.events")
    parser = FeedParser(profiles)
    for index, row in enumerate(films):
        yield parser.film(index, row)
    for index, row in enumerate(events):
        yield parser.screening(index, row)


def _instant(local: datetime, field: str, profile: ImportProfile) -> LocalInstant:
    if not MIN_YEAR <= local.year <= MAX_YEAR:
        raise read.RowError(ProblemReason.OUT_OF_RANGE, field, local.isoformat())
    try:
        return to_instant(local, profile.time_zone)
    except NonexistentLocalTimeError as error:
        raise read.RowError(ProblemReason.NONEXISTENT_LOCAL_TIME, field, error) from None


def _business_day(row: read.Row, local_start: datetime) -> date:
    business_day = read.day(row, "businessDay")
    if not timedelta(0) <= local_start.date() - business_day <= _LONGEST_BUSINESS_DAY:
        raise read.RowError(
            ProblemReason.BAD_BUSINESS_DAY, "businessDay", f"{business_day} for {local_start}"
        )
    return business_day


def _languages(row: read.Row) -> tuple[tuple[str, ...], ...] | None:
    value = row.get("languages")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise read.RowError(ProblemReason.WRONG_TYPE, "languages", type(value).__name__)
    return tuple(
        read.token_list(value.get(part) or [], f"languages.{part}") for part in _LANGUAGE_PARTS
    )


def _online_block(row: read.Row, profile: ImportProfile) -> tuple[bool, datetime | None]:
    link = row.get("compositeBookingLink")
    if link is None:
        return False, None
    if not isinstance(link, dict):
        raise read.RowError(ProblemReason.WRONG_TYPE, "compositeBookingLink", type(link).__name__)
    until = None
    if link.get("blockOnlineSalesUntil") is not None:
        local = read.local_datetime(link, "blockOnlineSalesUntil")
        until = _instant(local, "blockOnlineSalesUntil", profile).later
    return read.flag(link, "blockOnlineSales"), until


def _not_an_object(section: Section, index: int, row: object) -> RowProblem:
    reason = ProblemReason.NOT_AN_OBJECT
    return RowProblem(section, index, "", reason, "", type(row).__name__)


def _problem(section: Section, index: int, row: read.Row, error: read.RowError) -> RowProblem:
    row_id = row.get("id")
    name = read.printable(row_id) if isinstance(row_id, str) else ""
    return RowProblem(section, index, name, error.reason, error.field, error.detail)
