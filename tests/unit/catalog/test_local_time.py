# ruff: noqa: DTZ001 - times without an offset are what is tested.
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.catalog.domain.local_time import (
    HallOrder,
    LocalInstant,
    NonexistentLocalTimeError,
    business_day_of,
    to_instant,
)

BUCHAREST, LONDON = ZoneInfo("Europe/Bucharest"), ZoneInfo("Europe/London")
# The hours that the clocks repeat, and the instants of the two times that it is half past.
BUCHAREST_TWICE = datetime(2026, 10, 25, 3, 30)
LONDON_TWICE = datetime(2026, 10, 25, 1, 30)
FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        (datetime(2026, 7, 1, 20, 30), datetime(2026, 7, 1, 17, 30, tzinfo=UTC)),
        (datetime(2026, 11, 23, 20, 30), datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
        # The last minute before the gap, and the first after it.
        (datetime(2027, 3, 28, 2, 59), datetime(2027, 3, 28, 0, 59, tzinfo=UTC)),
        (datetime(2027, 3, 28, 4, 0), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        # The last minute before the repeated hour, and the first after it.
        (datetime(2026, 10, 25, 2, 59), datetime(2026, 10, 24, 23, 59, tzinfo=UTC)),
        (datetime(2026, 10, 25, 4, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_gets_the_offset_of_its_date(local: datetime, instant: datetime) -> None:
    found = to_instant(local, BUCHAREST)

    assert found == LocalInstant(instant, instant)
    assert found.earlier.tzinfo is UTC
    assert not found.is_ambiguous


@pytest.mark.parametrize("minute", [0, 30, 59])
@pytest.mark.parametrize(("zone", "hour"), [(BUCHAREST, 3), (LONDON, 1)])
def test_a_time_that_the_clocks_skip_is_refused(zone: ZoneInfo, hour: int, minute: int) -> None:
    with pytest.raises(NonexistentLocalTimeError):
        to_instant(datetime(2027, 3, 28, hour, minute), zone)


@pytest.mark.parametrize(("zone", "local"), [(BUCHAREST, BUCHAREST_TWICE), (LONDON, LONDON_TWICE)])
def test_a_time_that_comes_twice_means_two_instants(zone: ZoneInfo, local: datetime) -> None:
    assert to_instant(local, zone) == LocalInstant(FIRST, SECOND)


TWICE = LocalInstant(FIRST, SECOND)
HALF_AN_HOUR, TWO_HOURS = timedelta(minutes=30), timedelta(hours=2)


def at(hour: int, minute: int = 0) -> LocalInstant:
    instant = datetime(2026, 10, 25, hour, minute, tzinfo=UTC)
    return LocalInstant(instant, instant)


def test_a_start_that_comes_twice_is_the_earlier_one_when_the_hall_is_free_then() -> None:
    hall = HallOrder()
    hall.place("1", LocalInstant(FIRST - TWO_HOURS, FIRST - TWO_HOURS), TWO_HOURS)

    assert hall.place("2", TWICE, TWO_HOURS) == FIRST


def test_a_start_that_comes_twice_is_the_later_one_when_the_show_before_still_runs() -> None:
    hall = HallOrder()
    hall.place("1", at(0), timedelta(minutes=90))

    assert hall.place("2", TWICE, TWO_HOURS) == SECOND


def test_two_starts_at_the_same_repeated_time_are_one_after_the_other() -> None:
    hall = HallOrder()

    assert hall.place("1", TWICE, HALF_AN_HOUR) == FIRST
    assert hall.place("2", TWICE, HALF_AN_HOUR) == SECOND


def test_a_row_that_comes_again_means_what_it_meant() -> None:
    hall = HallOrder()
    hall.place("1", at(0), timedelta(minutes=90))

    placed = [hall.place(each, TWICE, HALF_AN_HOUR) for each in ("2", "2", "3", "2")]

    assert placed == [SECOND, SECOND, FIRST, SECOND]


@pytest.mark.parametrize(
    ("local", "day"),
    [
        (datetime(2026, 11, 28, 0, 0), date(2026, 11, 27)),
        (datetime(2026, 11, 28, 5, 59), date(2026, 11, 27)),
        (datetime(2026, 11, 28, 6, 0), date(2026, 11, 28)),
        (datetime(2026, 11, 28, 23, 59), date(2026, 11, 28)),
    ],
)
def test_a_show_after_midnight_belongs_to_the_evening_before(local: datetime, day: date) -> None:
    assert business_day_of(local) == day
