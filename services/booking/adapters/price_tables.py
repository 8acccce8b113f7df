"""The port `PriceTables`: tables by their content, so that many holds share one row."""

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from services.booking.domain.prices import PackageQuote, PriceTable, Promotion, Quote
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database
from services.common.db.retention import RetentionRule
from services.common.money import Money

MAX_NOTED_TABLES = 3_000  # More than there are facts in a process.
MAX_READ_TABLES = 1_000
# A process says so often that a table is in use; unused ones go after their term.
NOTED_AGAIN_AFTER_S = 24 * 3_600.0
UNUSED_TABLES_KEPT_S = 30 * 24 * 3_600.0

_NOTE = """
INSERT INTO price_table (id, prices) VALUES ($1, $2)
ON CONFLICT (id) DO UPDATE SET noted_at = excluded.noted_at
WHERE price_table.noted_at < excluded.noted_at - interval '12 hours'"""
_GET = "SELECT prices FROM price_table WHERE id = $1"
_DELETE_UNUSED = """
DELETE FROM price_table WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM price_table
    WHERE noted_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


@dataclass(frozen=True, slots=True)
class _Noted:
    id: UUID
    again_at: float  # Monotonic.


@dataclass(slots=True)
class PriceTableStore:
    """A table is written once, and once a day for as long as a process makes holds by it."""

    database: Database
    _noted: BoundedCache[PriceTable, _Noted] = field(
        default_factory=lambda: BoundedCache(MAX_NOTED_TABLES)
    )
    _read: BoundedCache[UUID, PriceTable] = field(
        default_factory=lambda: BoundedCache(MAX_READ_TABLES)
    )

    async def note(self, prices: PriceTable) -> UUID:
        noted = self._noted.get(prices)
        if noted is None or time.monotonic() >= noted.again_at:
            text = table_json(prices)
            table_id = UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])
            await self.database.execute(_NOTE, table_id, text)
            noted = _Noted(table_id, time.monotonic() + NOTED_AGAIN_AFTER_S)
            self._noted.put(prices, noted)
            self._read.put(table_id, prices)
        return noted.id

    async def get(self, price_table_id: UUID) -> PriceTable:
        prices = self._read.get(price_table_id)
        if prices is None:
            text = await self.database.fetchval(_GET, price_table_id)
            if text is None:
                raise LookupError(f"price table {price_table_id} was not noted with its hold")
            prices = table_of(text)
            self._read.put(price_table_id, prices)
        return prices


def price_table_retention() -> RetentionRule:
    """Give the rule for tables that no process makes holds by any more."""
    return RetentionRule("price_table", _DELETE_UNUSED, UNUSED_TABLES_KEPT_S)


def table_json(prices: PriceTable) -> str:
    """Write a table; equal ones are equal texts."""
    return json.dumps(
        {
            "version": prices.price_version,
            "currency": next(iter(_amounts(prices)), Money.zero("XXX")).currency,
            "quotes": [_entry(quote) for _, quote in sorted(prices.quotes.items())],
            "packages": [
                [*key, [_entry(quote) for quote in package.admissions]]
                for key, package in sorted(prices.packages.items())
            ],
            "promotion": promotion_entry(prices.promotion),
        },
        separators=(",", ":"),
    )


def table_of(text: str) -> PriceTable:
    """Read a table."""
    entry = json.loads(text)
    currency = entry["currency"]
    quotes = [_quote(each, currency) for each in entry["quotes"]]
    packages = [
        PackageQuote(ticket_type, area, tuple(_quote(each, currency) for each in admissions))
        for ticket_type, area, admissions in entry["packages"]
    ]
    return PriceTable(
        price_version=entry["version"],
        quotes=_by_type_and_area(quotes),
        packages={(package.ticket_type, package.area): package for package in packages},
        promotion=promotion_of(entry["promotion"]),
    )


def promotion_entry(promotion: Promotion | None) -> dict[str, str] | None:
    """Write a promotion."""
    return None if promotion is None else asdict(promotion)


def promotion_of(entry: dict[str, str] | None) -> Promotion | None:
    """Read a promotion."""
    return None if entry is None else Promotion(**entry)


def _amounts(prices: PriceTable) -> Iterable[Money]:
    yield from (quote.price for quote in prices.quotes.values())
    yield from (each.admissions[0].price for each in prices.packages.values())


def _by_type_and_area(quotes: Iterable[Quote]) -> Mapping[tuple[str, str], Quote]:
    return {(quote.ticket_type, quote.area): quote for quote in quotes}


def _entry(quote: Quote) -> list[Any]:
    return [
        quote.ticket_type,
        quote.area,
        quote.price.minor_units,
        quote.supplement.minor_units,
        quote.service_fee.minor_units,
        quote.proof,
        quote.regular_price.minor_units if quote.regular_price else None,
    ]


def _quote(entry: list[Any], currency: str) -> Quote:
    ticket_type, area, price, supplement, service_fee, proof, regular = entry
    return Quote(
        ticket_type=ticket_type,
        area=area,
        price=Money(currency, price),
        supplement=Money(currency, supplement),
        service_fee=Money(currency, service_fee),
        proof=proof,
        regular_price=None if regular is None else Money(currency, regular),
    )
