"""Business days: all days but weekends and the public holidays of a country."""

from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


def is_business_day(day: date, holidays: AbstractSet[date]) -> bool:
    """Whether offices work on a day."""
    return day.weekday() < _SATURDAY and day not in holidays


def business_day_after(day: date, count: int, holidays: AbstractSet[date]) -> date:
    """Give the business day so many after a day, which itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_business_day(day, holidays)
    return day


def end_of_day(day: date, time_zone: str) -> datetime:
    """Give the first moment after a day where the clocks show that zone's time."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(time_zone))


def local_date(moment: datetime, time_zone: str) -> date:
    """Give the date of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
