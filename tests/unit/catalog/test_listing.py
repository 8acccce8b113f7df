"""Filters and pages of a day's screenings, and how many days are kept."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.catalog.adapters.day_cache import DayCache, DayKey, KeptDay
from services.catalog.domain.attributes import LanguageKind, LanguageVersion
from services.catalog.domain.listing import ListedScreening, ScreeningFilter, page_of

DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILM, OTHER_FILM = UUID(int=1), UUID(int=2)


def a_listed(number: int, **changes: object) -> ListedScreening:
    values: dict[str, object] = {
        "place": (NOON + timedelta(minutes=number), UUID(int=100 + number)),
        "film_id": FILM,
        "formats": ("2D",),
        "language": LanguageVersion(LanguageKind.ORIGINAL, ("ro",)),
        "sold_online": True,
        "packed": b"%d" % number,
    }
    return ListedScreening(**values | changes)  # type: ignore[arg-type]


def wanted(**changes: object) -> ScreeningFilter:
    values: dict[str, object] = {
        "cinema_id": "1818",
        "film_id": None,
        "day": DAY,
        "by_business_day": False,
        "format": "",
        "include_not_sold": False,
    }
    return ScreeningFilter(**values | changes)  # type: ignore[arg-type]


def shown(listed: list[ListedScreening]) -> list[bytes]:
    return [each.packed for each in listed]


SUBTITLED = LanguageVersion(LanguageKind.SUBTITLED, ("en-us",), ("ro",))
DUBBED = LanguageVersion(LanguageKind.DUBBED, ("hu",))
PROGRAMME = [
    a_listed(1),
    a_listed(2, sold_online=False),
    a_listed(3, film_id=OTHER_FILM, formats=("3D", "IMAX"), language=SUBTITLED),
    a_listed(4, formats=("3D",), language=DUBBED),
]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, [b"1", b"3", b"4"]),
        ({"include_not_sold": True}, [b"1", b"2", b"3", b"4"]),
        ({"film_id": FILM}, [b"1", b"4"]),
        ({"format": "3D"}, [b"3", b"4"]),
        ({"format": "3D", "film_id": FILM}, [b"4"]),
        ({"format": "4DX"}, []),
        ({"language": "ro"}, [b"1", b"3"]),
        ({"language": "en"}, [b"3"]),
        ({"language": "en-gb"}, []),
        ({"language": "e"}, []),
        ({"language_kind": LanguageKind.DUBBED}, [b"4"]),
        ({"language_kind": LanguageKind.ORIGINAL, "language": "ro"}, [b"1"]),
        ({"language_kind": LanguageKind.DUBBED, "language": "ro"}, []),
    ],
)
def test_only_what_is_wanted_is_listed(asked: dict[str, object], given: list[bytes]) -> None:
    assert shown(page_of(PROGRAMME, wanted(**asked), None, 50)) == given


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    first = page_of(PROGRAMME, wanted(), None, 2)
    second = page_of(PROGRAMME, wanted(), first[-1].place, 2)
    third = page_of(PROGRAMME, wanted(), second[-1].place, 2)

    assert [shown(first), shown(second), shown(third)] == [[b"1", b"3"], [b"4"], []]


def key(number: int) -> DayKey:
    return ("1818", DAY + timedelta(days=number), False)


def a_day(screenings: int) -> KeptDay:
    return KeptDay([a_listed(number) for number in range(screenings)], (), NOON)


def test_the_day_that_nobody_asked_for_longest_is_forgotten_first() -> None:
    cache = DayCache(max_screenings=10)
    for number in range(3):
        cache.put(key(number), a_day(2))
    cache.get(key(0))

    cache.put(key(3), a_day(2))

    assert [cache.get(key(number)) is not None for number in range(4)] == [True, False, True, True]


def test_the_days_kept_never_have_more_screenings_than_allowed() -> None:
    cache = DayCache(max_screenings=100)

    for number in range(50):
        cache.put(key(number), a_day(number % 9))
        cache.put(key(number), a_day(number % 7))

        assert cache.weight <= 100
    cache.put(key(99), a_day(100))
    assert cache.weight == 0


def test_empty_days_count_too() -> None:
    cache = DayCache(max_screenings=10)

    for number in range(50):
        cache.put(key(number), a_day(0))

    assert cache.weight == 10
