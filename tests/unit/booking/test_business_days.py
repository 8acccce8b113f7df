"""The 20th business day, across holidays and clock changes."""

from datetime import UTC, date, datetime

import pytest

from services.booking.domain.business_days import business_day_after, end_of_day, local_date

BUCHAREST = "Europe/Bucharest"
# Romania's, as catalog keeps them: Orthodox Easter is on 12 April 2026 and on 2 May 2027.
HOLIDAYS = frozenset(
    date(year, month, day)
    for year, days in {
        2026: ((1, 1), (1, 2), (1, 6), (1, 7), (1, 24), (4, 10), (4, 12), (4, 13), (5, 1), (5, 31),
               (6, 1), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26)),
        2027: ((1, 1), (1, 2), (1, 6), (1, 7), (1, 24), (4, 30), (5, 1), (5, 2), (5, 3), (6, 1),
               (6, 20), (6, 21), (8, 15), (11, 30), (12, 1), (12, 25), (12, 26)),
    }.items()
    for month, day in days
)  # fmt: skip


@pytest.mark.rule("OTC-51")
@pytest.mark.parametrize(
    ("received", "due", "why"),
    [
        (date(2026, 9, 1), date(2026, 9, 29), "nothing but four weekends"),
        (date(2026, 9, 5), date(2026, 10, 2), "received on a Saturday"),
        (date(2026, 9, 6), date(2026, 10, 2), "received on a Sunday: the same"),
        (date(2026, 10, 12), date(2026, 11, 9), "over the end of summer time"),
        (date(2026, 11, 6), date(2026, 12, 8), "over Saint Andrew's and the National Day"),
        (date(2026, 11, 30), date(2026, 12, 30), "received on a holiday, over Christmas"),
        (date(2026, 12, 7), date(2027, 1, 8), "over Christmas, New Year, Epiphany, Saint John's"),
        (date(2026, 3, 20), date(2026, 4, 21), "over summer time and Orthodox Easter"),
        (date(2026, 4, 9), date(2026, 5, 12), "over Easter and the first of May"),
        (date(2027, 4, 5), date(2027, 5, 5), "over an Easter that holds the first of May"),
    ],
)
def test_the_twentieth_business_day_leaves_weekends_and_holidays_out(
    received: date, due: date, why: str
) -> None:
    assert business_day_after(received, 20, HOLIDAYS) == due, why


@pytest.mark.rule("OTC-51")
def test_the_day_of_receipt_does_not_count() -> None:
    friday, monday = date(2026, 9, 4), date(2026, 9, 7)

    assert business_day_after(friday, 1, HOLIDAYS) == monday


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 9), datetime(2026, 11, 9, 22, 0, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 21, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 28, 22, 0, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 21, 0, tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_midnight_of_the_clocks_there(day: date, end: datetime) -> None:
    assert end_of_day(day, BUCHAREST) == end


def test_the_date_is_the_one_on_the_clocks_there() -> None:
    late_evening = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)

    assert local_date(late_evening, BUCHAREST) == date(2026, 11, 23)
