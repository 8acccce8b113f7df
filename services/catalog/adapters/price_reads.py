"""Prices, promotions and public holidays as anyone reads them: one statement a call."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.catalog.adapters.price_rows import (
    PRICE_COLUMNS,
    PROMOTION_COLUMNS,
    price_list_of,
    promotion_of,
)
from services.catalog.domain.errors import PromotionNotFoundError
from services.catalog.domain.holidays import Holiday, HolidayCalendar
from services.catalog.domain.prices import PriceList, PriceListVersion
from services.catalog.domain.promotion import Promotion
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database

MAX_CACHED_PRICE_LISTS = 500

_PRICE_LIST = f"SELECT {PRICE_COLUMNS} FROM price_list WHERE id = $1"
_IN_FORCE = """
SELECT id FROM price_list
WHERE cinema_id = $1 AND effective_time <= coalesce($2, (SELECT app_clock()))
ORDER BY effective_time DESC, number DESC LIMIT 1"""
_OF_CINEMA = "SELECT id FROM price_list WHERE cinema_id = $1 AND id = $2"
_VERSIONS = """
SELECT id, effective_time, number FROM price_list
WHERE cinema_id = $1 AND ($2::timestamptz IS NULL OR (effective_time, number) < ($2, $3))
ORDER BY effective_time DESC, number DESC LIMIT $4"""
_PROMOTION = f"SELECT {PROMOTION_COLUMNS} FROM promotion WHERE id = $1"
# The version that has taken over decides, even when it is over and an older one is not.
_PROMOTION_IN_FORCE = f"""
SELECT * FROM (
    SELECT {PROMOTION_COLUMNS} FROM promotion
    WHERE policy_code = $1 AND code = $2 AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) newest WHERE end_time > (SELECT app_clock())"""
_PROMOTIONS = f"""
SELECT {PROMOTION_COLUMNS} FROM promotion
WHERE policy_code = $1 AND (code > $2 OR code = $2 AND number < $3)
ORDER BY code, number DESC LIMIT $4"""
_HOLIDAYS = """
SELECT day, name FROM public_holiday WHERE country_code = $1 AND day BETWEEN $2 AND $3
ORDER BY day"""


@dataclass(frozen=True, slots=True)
class PriceReadRows:
    """Reads outside of transactions. Price lists never change and are kept in bounds."""

    database: Database
    _lists: BoundedCache[UUID, PriceList] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_PRICE_LISTS)
    )

    async def price_list(self, price_list_id: UUID) -> PriceList:
        """Give a list that is known to exist."""
        price_list = self._lists.get(price_list_id)
        if price_list is None:
            row = await self.database.fetchrow(_PRICE_LIST, price_list_id)
            if row is None:
                raise LookupError(f"price list {price_list_id} is gone")
            price_list = price_list_of(row)
            self._lists.put(price_list_id, price_list)
        return price_list

    async def in_force(self, cinema_id: str, at: datetime | None) -> PriceList | None:
        found = await self.database.fetchval(_IN_FORCE, cinema_id, at)
        return None if found is None else await self.price_list(found)

    async def of_cinema(self, cinema_id: str, price_list_id: UUID) -> PriceList | None:
        found = await self.database.fetchval(_OF_CINEMA, cinema_id, price_list_id)
        return None if found is None else await self.price_list(found)

    async def versions(
        self, cinema_id: str, after: tuple[datetime, int] | None, limit: int
    ) -> list[PriceListVersion]:
        keyset = after or (None, 0)
        rows = await self.database.fetch(_VERSIONS, cinema_id, *keyset, limit)
        return [PriceListVersion(*row) for row in rows]

    async def promotion(self, promotion_id: UUID) -> Promotion:
        row = await self.database.fetchrow(_PROMOTION, promotion_id)
        if row is None:
            raise PromotionNotFoundError(promotion_id)
        return promotion_of(row)

    async def promotion_in_force(self, policy_code: str, code: str) -> Promotion | None:
        row = await self.database.fetchrow(_PROMOTION_IN_FORCE, policy_code, code)
        return None if row is None else promotion_of(row)

    async def promotions(
        self, policy_code: str, after: tuple[str, int] | None, limit: int
    ) -> list[Promotion]:
        rows = await self.database.fetch(_PROMOTIONS, policy_code, *(after or ("", 0)), limit)
        return [promotion_of(row) for row in rows]

    async def holidays(self, country_code: str, year: int) -> HolidayCalendar:
        first, last = date(year, 1, 1), date(year, 12, 31)
        rows = await self.database.fetch(_HOLIDAYS, country_code, first, last)
        return HolidayCalendar(country_code, year, tuple(Holiday(*row) for row in rows))
