"""Booking's copies of catalog's holidays: asked for on a miss, marked when they change."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.errors import DependencyUnavailableError
from services.common.logging import get_logger

_log = get_logger(__name__)

_READ = """
SELECT days, told, stale FROM holiday_copy WHERE country_code = $1 AND year = $2"""
# Not when something was told since catalog was asked: its answer may be the older one.
_STORE = """
INSERT INTO holiday_copy (country_code, year, days, told, stale) VALUES ($1, $2, $3, $4, false)
ON CONFLICT (country_code, year) DO UPDATE SET days = excluded.days, stale = false
WHERE holiday_copy.told = excluded.told"""
_MARK = """
INSERT INTO holiday_copy (country_code, year, days, told, stale) VALUES ($1, $2, '{}', 1, true)
ON CONFLICT (country_code, year) DO UPDATE SET told = holiday_copy.told + 1, stale = true"""


class HolidaySource(Protocol):
    """Catalog, which owns the calendars."""

    async def holidays(self, country_code: str, year: int) -> Sequence[date]:
        """Ask for the holidays; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...


@dataclass(frozen=True, slots=True)
class HolidayCopies:
    """The port `Holidays`.

    Without catalog's answer the copy that was marked is used, or no holidays at all: what is due by
    them is due earlier then, never later.
    """

    database: Database
    source: HolidaySource

    async def of_years(self, country_code: str, years: Sequence[int]) -> AbstractSet[date]:
        days: set[date] = set()
        for year in years if country_code else ():
            days.update(await self._of_year(country_code, year))
        return days

    async def _of_year(self, country_code: str, year: int) -> Sequence[date]:
        row = await self.database.fetchrow(_READ, country_code, year)
        known: Sequence[date] = row["days"] if row is not None else ()
        if row is not None and not row["stale"]:
            return known
        try:
            days = await self.source.holidays(country_code, year)
        except DependencyUnavailableError:
            _log.warning("holidays_unknown", country_code=country_code, year=year)
            return known
        told = row["told"] if row is not None else 0
        await self.database.execute(_STORE, country_code, year, days, told)
        return days


async def mark_holidays(tx: Transaction, country_code: str, year: int) -> None:
    """Note that a year has other holidays, inside the transaction that consumes the event."""
    await tx.driver.execute(_MARK, country_code, year)
