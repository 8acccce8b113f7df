"""Price lists inside a transaction: added, never rewritten."""

# ruff: noqa: S608 - only constants of ours are put into the statements

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.catalog.adapters.price_rows import (
    PRICE_COLUMNS,
    pack_bands,
    pack_prices,
    price_list_of,
)
from services.catalog.domain.priced import priced_keys
from services.catalog.domain.prices import PriceList

if TYPE_CHECKING:
    from asyncpg import Connection

_CURRENCY = "SELECT currency FROM price_list WHERE cinema_id = $1 LIMIT 1"
_NEWEST = f"""
SELECT {PRICE_COLUMNS} FROM price_list WHERE cinema_id = $1 AND effective_time = $2
ORDER BY number DESC LIMIT 1"""
_ADD = """
INSERT INTO price_list (id, cinema_id, effective_time, content_hash, currency, priced,
                        priced_bands, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""


@dataclass(frozen=True, slots=True)
class PriceStoreRows:
    """Reads and adds price lists; the caller holds the lock on their cinema."""

    driver: "Connection[Any]"

    async def currency_in_use(self, cinema_id: str) -> str:
        return str(await self.driver.fetchval(_CURRENCY, cinema_id) or "")

    async def newest(self, cinema_id: str, effective_time: datetime) -> PriceList | None:
        row = await self.driver.fetchrow(_NEWEST, cinema_id, effective_time)
        return None if row is None else price_list_of(row)

    async def add(self, price_list: PriceList) -> None:
        prices = price_list.prices
        await self.driver.execute(
            _ADD,
            price_list.id,
            prices.cinema_id,
            prices.effective_time,
            prices.content_hash(),
            prices.currency,
            priced_keys(prices),
            pack_bands(prices),
            pack_prices(prices),
        )
