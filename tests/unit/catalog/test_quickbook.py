# ruff: noqa: DTZ001 - times without an offset are what is tested.
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.catalog.domain.attributes import LanguageKind
from services.catalog.domain.errors import UnreadableFeedError
from services.catalog.domain.feed_rows import (
    FeedFilm,
    FeedRow,
    FeedScreening,
    ProblemReason,
    RowProblem,
    Section,
)
from services.catalog.domain.import_profile import Category, ImportProfile
from services.catalog.domain.quickbook import FeedParser, parse_feed
from services.catalog.domain.vocabularies import CINEMA_CITY_PL, CINEMA_CITY_RO
from tests.unit.catalog.feeds import (
    BUCHAREST,
    MISSING,
    PROFILES,
    a_feed,
    a_film,
    a_profile,
    an_event,
)


def parse_one(event: dict[str, Any], profiles: Mapping[str, ImportProfile] = PROFILES) -> FeedRow:
    *_, row = parse_feed(a_feed([a_film()], [event]), profiles)
    return row


def test_a_film_is_read() -> None:
    (film,) = parse_feed(a_feed([a_film()]), PROFILES)

    assert film == FeedFilm(film_id="71s2r", title="Șapte mere", length_minutes=100)


def test_a_screening_of_the_old_shape_is_read() -> None:
    screening = parse_one(an_event())

    assert isinstance(screening, FeedScreening)
    assert screening.key == ("1808", "501")
    assert screening.hall_id == "S02"
    assert screening.business_day == date(2026, 11, 23)
    assert screening.local_start == datetime(2026, 11, 23, 20, 30)
    assert screening.rating == "N-15"
    assert screening.category is Category.MOVIE
    assert screening.language.kind is LanguageKind.UNKNOWN
    assert not screening.is_blocked_online


def test_a_screening_of_todays_shape_is_read() -> None:
    screening = parse_one(
        an_event(
            languages={"original": ["en"], "dubbed": [], "voiceover": [], "subtitles": ["ro"]},
            availabilityRatio=0.5,
            soldOut=True,
            compositeBookingLink={
                "type": "PG",
                "blockOnlineSales": True,
                "blockOnlineSalesUntil": "2026-11-23T10:00:00",
            },
        )
    )

    assert isinstance(screening, FeedScreening)
    assert screening.language.audio == ("en",)
    assert screening.language.subtitles == ("ro",)
    assert screening.is_blocked_online
    assert screening.blocked_online_until == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_a_screening_ends_after_advertising_and_film() -> None:
    screening = parse_one(an_event())

    assert isinstance(screening, FeedScreening)
    assert screening.starts_at == datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    assert screening.ends_at == datetime(2026, 11, 23, 20, 35, tzinfo=UTC)


def test_the_length_is_real_minutes_across_a_clock_change() -> None:
    screening = parse_one(an_event(eventDateTime="2027-03-28T02:30:00", businessDay="2027-03-27"))

    assert isinstance(screening, FeedScreening)
    assert (screening.ends_at - screening.starts_at).total_seconds() == 125 * 60


@pytest.mark.parametrize(
    ("zone", "start", "day"),
    [
        ("Europe/Bucharest", "2026-10-25T03:30:00", "2026-10-24"),
        ("Europe/London", "2026-10-25T01:30:00", "2026-10-24"),
    ],
)
def test_starts_that_come_twice_are_told_apart_by_their_order(
    zone: str, start: str, day: str
) -> None:
    events = [
        an_event(id=each, eventDateTime=start, businessDay=day, filmId="short") for each in "12"
    ]
    feed = a_feed([a_film(id="short", length=20)], events)

    _, first, second = parse_feed(feed, {"1808": a_profile(time_zone=ZoneInfo(zone))})

    assert isinstance(first, FeedScreening)
    assert isinstance(second, FeedScreening)
    assert first.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert second.starts_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert first.is_start_ambiguous
    assert second.is_start_ambiguous


def test_a_film_that_comes_again_replaces_its_length() -> None:
    films = [a_film(length=100), a_film(length=90)]

    *_, screening = parse_feed(a_feed(films, [an_event()]), PROFILES)

    assert isinstance(screening, FeedScreening)
    assert screening.ends_at == datetime(2026, 11, 23, 20, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"auditoriumTinyName": MISSING}, ProblemReason.MISSING_KEY, "auditoriumTinyName"),
        ({"attributeIds": MISSING}, ProblemReason.MISSING_KEY, "attributeIds"),
        ({"id": 501}, ProblemReason.WRONG_TYPE, "id"),
        ({"attributeIds": "2d"}, ProblemReason.WRONG_TYPE, "attributeIds"),
        ({"attributeIds": [1]}, ProblemReason.WRONG_TYPE, "attributeIds"),
        ({"attributeIds": ["2d"] * 65}, ProblemReason.OUT_OF_RANGE, "attributeIds"),
        ({"languages": []}, ProblemReason.WRONG_TYPE, "languages"),
        ({"languages": {"dubbed": "ro"}}, ProblemReason.WRONG_TYPE, "languages.dubbed"),
        ({"compositeBookingLink": "x"}, ProblemReason.WRONG_TYPE, "compositeBookingLink"),
        ({"auditoriumTinyName": ""}, ProblemReason.OUT_OF_RANGE, "auditoriumTinyName"),
        ({"auditoriumTinyName": "x" * 65}, ProblemReason.OUT_OF_RANGE, "auditoriumTinyName"),
        ({"auditoriumTinyName": "a\x00b"}, ProblemReason.BAD_TEXT, "auditoriumTinyName"),
        ({"auditoriumTinyName": "\ud800"}, ProblemReason.BAD_TEXT, "auditoriumTinyName"),
        ({"filmId": "72s2r"}, ProblemReason.UNKNOWN_FILM, "filmId"),
        ({"cinemaId": "1804"}, ProblemReason.OTHER_CINEMA, "cinemaId"),
        ({"eventDateTime": "23.11.2026 20:30"}, ProblemReason.BAD_TIME, "eventDateTime"),
        ({"eventDateTime": "2026-11-31T20:30:00"}, ProblemReason.BAD_TIME, "eventDateTime"),
        ({"eventDateTime": "2026-11-23T20:30:00Z"}, ProblemReason.BAD_TIME, "eventDateTime"),
        ({"eventDateTime": "2026-11-23T20+02:00"}, ProblemReason.BAD_TIME, "eventDateTime"),
        ({"eventDateTime": "0001-01-01T00:00:00"}, ProblemReason.OUT_OF_RANGE, "eventDateTime"),
        (
            {"eventDateTime": "2027-03-28T03:30:00", "businessDay": "2027-03-27"},
            ProblemReason.NONEXISTENT_LOCAL_TIME,
            "eventDateTime",
        ),
        ({"businessDay": "today"}, ProblemReason.BAD_TIME, "businessDay"),
        ({"businessDay": "2026-11-24"}, ProblemReason.BAD_BUSINESS_DAY, "businessDay"),
        ({"businessDay": "2026-11-21"}, ProblemReason.BAD_BUSINESS_DAY, "businessDay"),
    ],
)
def test_a_bad_screening_is_named_with_its_reason(
    changes: dict[str, Any], reason: ProblemReason, field: str
) -> None:
    problem = parse_one(an_event(**changes))

    assert isinstance(problem, RowProblem)
    assert (problem.section, problem.index) == ("events", 0)
    assert (problem.reason, problem.field) == (reason, field)


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"length": MISSING}, ProblemReason.MISSING_KEY, "length"),
        ({"length": "100"}, ProblemReason.WRONG_TYPE, "length"),
        ({"length": True}, ProblemReason.WRONG_TYPE, "length"),
        ({"length": 0}, ProblemReason.OUT_OF_RANGE, "length"),
        ({"length": 10**30}, ProblemReason.OUT_OF_RANGE, "length"),
        ({"name": "  "}, ProblemReason.OUT_OF_RANGE, "name"),
        ({"name": "x" * 301}, ProblemReason.OUT_OF_RANGE, "name"),
    ],
)
def test_a_bad_film_is_named_with_its_reason(
    changes: dict[str, Any], reason: ProblemReason, field: str
) -> None:
    (problem,) = parse_feed(a_feed([a_film(**changes)]), PROFILES)

    assert isinstance(problem, RowProblem)
    assert (problem.section, problem.row_id) == ("films", "71s2r")
    assert (problem.reason, problem.field) == (reason, field)


@pytest.mark.parametrize("value", [MISSING, None, "", "soon", 2026, {"a": []}, "x" * 5_000, "\x00"])
@pytest.mark.parametrize(
    "key", ["releaseYear", "releaseDate", "link", "posterLink", "videoLink", "weight", "unheard-of"]
)
def test_what_a_film_says_that_nobody_needs_does_not_stop_it(key: str, value: object) -> None:
    film, screening = parse_feed(a_feed([a_film(**{key: value})], [an_event()]), PROFILES)

    assert isinstance(film, FeedFilm)
    assert isinstance(screening, FeedScreening)


@pytest.mark.parametrize("value", [MISSING, None, "", "no", 0.5, ["x"], "x" * 5_000, "\x00"])
@pytest.mark.parametrize(
    "key", ["soldOut", "auditorium", "bookingLink", "availabilityRatio", "unheard-of"]
)
def test_what_a_screening_says_that_nobody_needs_does_not_stop_it(key: str, value: object) -> None:
    assert isinstance(parse_one(an_event(**{key: value})), FeedScreening)


@pytest.mark.parametrize("row", [None, 7, "x", []])
def test_a_row_that_is_no_object_is_a_problem(row: object) -> None:
    film, screening = parse_feed(a_feed([row], [row]), PROFILES)

    assert isinstance(film, RowProblem)
    assert isinstance(screening, RowProblem)
    assert film.reason is screening.reason is ProblemReason.NOT_AN_OBJECT


def test_bad_rows_leave_the_good_ones_alone() -> None:
    events = [an_event(id="1"), an_event(id="2", filmId="none"), an_event(id="3")]

    _, first, problem, last = parse_feed(a_feed([a_film()], events), PROFILES)

    assert isinstance(first, FeedScreening)
    assert isinstance(last, FeedScreening)
    assert problem == RowProblem(
        Section.EVENTS, 1, "2", ProblemReason.UNKNOWN_FILM, "filmId", "none"
    )


def test_the_second_screening_with_an_id_is_a_problem() -> None:
    events = [an_event(), an_event(auditoriumTinyName="S03")]

    *_, problem = parse_feed(a_feed([a_film()], events), PROFILES)

    assert isinstance(problem, RowProblem)
    assert problem.reason is ProblemReason.DUPLICATE_ID


def test_an_equal_repeat_is_no_problem() -> None:
    _, first, again = parse_feed(a_feed([a_film()], [an_event(), an_event()]), PROFILES)

    assert first == again


def test_what_a_problem_quotes_is_short_and_can_be_stored() -> None:
    problem = parse_one(an_event(eventDateTime="9" * 60, id="\ud800\x00" + "x" * 500))

    assert isinstance(problem, RowProblem)
    assert len(problem.detail) <= 120
    assert len(problem.row_id.encode()) < 200
    assert "\x00" not in problem.row_id


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"body": None}, {"body": {"films": []}}, {"body": {"films": {}, "events": []}}],
)
def test_a_document_that_is_no_feed_is_refused(document: Any) -> None:
    with pytest.raises(UnreadableFeedError):
        list(parse_feed(document, PROFILES))


def test_the_cinemas_of_one_feed_share_one_vocabulary() -> None:
    zone = ZoneInfo("Europe/Warsaw")
    profiles = {
        "1808": ImportProfile("1808", BUCHAREST, "RON", CINEMA_CITY_RO),
        "1090": ImportProfile("1090", zone, "PLN", CINEMA_CITY_PL),
    }

    with pytest.raises(ValueError, match="one vocabulary"):
        FeedParser(profiles)


@pytest.mark.parametrize("minutes", [-1, 121])
def test_a_profile_with_impossible_durations_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="advertising_minutes"):
        ImportProfile("1", BUCHAREST, "RON", CINEMA_CITY_RO, advertising_minutes=minutes)
    with pytest.raises(ValueError, match="cleaning_minutes"):
        ImportProfile("1", BUCHAREST, "RON", CINEMA_CITY_RO, cleaning_minutes=minutes)
