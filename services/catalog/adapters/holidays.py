"""Public holidays inside a transaction."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from services.catalog.domain.holidays import Holiday, HolidayCalendar

if TYPE_CHECKING:
    from asyncpg import Connection

_OPEN = "INSERT INTO holiday_calendar (country_code) VALUES ($1) ON CONFLICT DO NOTHING"
_LOCK = "SELECT 1 FROM holiday_calendar WHERE country_code = $1 FOR NO KEY UPDATE"
_READ = """
SELECT day, name FROM public_holiday WHERE country_code = $1 AND day BETWEEN $2 AND $3
ORDER BY day"""
_REMOVE = "DELETE FROM public_holiday WHERE country_code = $1 AND day BETWEEN $2 AND $3"
_ADD = """
INSERT INTO public_holiday (country_code, day, name)
SELECT $1, day, name FROM unnest($2::date[], $3::text[]) AS holiday (day, name)"""


@dataclass(frozen=True, slots=True)
class HolidayStoreRows:
    """Reads and replaces the holidays of a country's year; the lock on its calendar orders it."""

    driver: "Connection[Any]"

    async def lock(self, country_code: str, year: int) -> HolidayCalendar:
        await self.driver.execute(_OPEN, country_code)
        await self.driver.execute(_LOCK, country_code)
        rows = await self.driver.fetch(_READ, country_code, *_year(year))
        return HolidayCalendar(country_code, year, tuple(Holiday(*row) for row in rows))

    async def replace(self, calendar: HolidayCalendar) -> None:
        await self.driver.execute(_REMOVE, calendar.country_code, *_year(calendar.year))
        await self.driver.execute(
            _ADD,
            calendar.country_code,
            [holiday.day for holiday in calendar.holidays],
            [holiday.name for holiday in calendar.holidays],
        )


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)
