"""The public holidays of a country, as data."""

from dataclasses import dataclass
from datetime import date

from services.common.errors import FieldViolation, InvalidRequestError


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day without work by law; `name` may be ""."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """All holidays of a country in a year."""

    country_code: str
    year: int
    holidays: tuple[Holiday, ...]

    def must_be_sound(self) -> None:
        """Raise INVALID_FIELD for a day of another year, or one that is there twice."""
        seen: set[date] = set()
        for index, holiday in enumerate(self.holidays):
            field = f"holidays[{index}].date"
            if holiday.day.year != self.year:
                raise InvalidRequestError(FieldViolation(field, f"must be in {self.year}"))
            if holiday.day in seen:
                raise InvalidRequestError(FieldViolation(field, "is there twice"))
            seen.add(holiday.day)

    def days(self) -> frozenset[date]:
        return frozenset(holiday.day for holiday in self.holidays)

    def differs_on(self, other: "HolidayCalendar") -> frozenset[date]:
        """Name the days that are a holiday in one of the two only."""
        return self.days() ^ other.days()
