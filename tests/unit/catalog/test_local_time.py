# ruff: noqa: DTZ001 - times without an offset are what is tested.
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.catalog.domain.import_profile import AmbiguousStart
from services.catalog.domain.local_time import (
    NonexistentLocalTimeError,
    business_day_of,
    to_instant,
)

BUCHAREST = ZoneInfo("Europe/Bucharest")


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
    found, is_ambiguous = to_instant(local, BUCHAREST)

    assert found == instant
    assert found.tzinfo is UTC
    assert not is_ambiguous


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_the_clocks_skip_is_refused(minute: int) -> None:
    with pytest.raises(NonexistentLocalTimeError):
        to_instant(datetime(2027, 3, 28, 3, minute), BUCHAREST)


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_a_time_that_comes_twice_is_the_one_the_profile_says(minute: int) -> None:
    local = datetime(2026, 10, 25, 3, minute)

    earlier = to_instant(local, BUCHAREST, AmbiguousStart.EARLIER)
    later = to_instant(local, BUCHAREST, AmbiguousStart.LATER)

    assert earlier == (datetime(2026, 10, 25, 0, minute, tzinfo=UTC), True)
    assert later == (earlier[0] + timedelta(hours=1), True)


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
