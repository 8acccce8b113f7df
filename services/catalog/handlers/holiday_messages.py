"""Public holidays as messages, and back."""

from collections.abc import Iterable
from datetime import date

from cinema.catalog.v1 import catalog_admin_service_pb2, holiday_pb2

from services.catalog.domain.errors import InvalidDateError
from services.catalog.domain.holidays import Holiday, HolidayCalendar


def calendar_of(request: catalog_admin_service_pb2.SetHolidaysRequest) -> HolidayCalendar:
    """Read a year's holidays in the order of their dates; INVALID_DATE."""
    holidays = sorted(_holidays_of(request.holidays), key=lambda holiday: holiday.day)
    return HolidayCalendar(request.country_code, request.year, tuple(holidays))


def holidays_to_proto(calendar: HolidayCalendar) -> list[holiday_pb2.Holiday]:
    return [
        holiday_pb2.Holiday(date=holiday.day.isoformat(), name=holiday.name)
        for holiday in calendar.holidays
    ]


def _holidays_of(messages: Iterable[holiday_pb2.Holiday]) -> Iterable[Holiday]:
    for message in messages:
        try:
            day = date.fromisoformat(message.date)
        except ValueError:
            raise InvalidDateError(message.date) from None
        yield Holiday(day, message.name)
