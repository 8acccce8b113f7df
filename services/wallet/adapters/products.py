"""Card products in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.common.db.database import Database
from services.wallet.adapters.card_rows import PRODUCT_COLUMNS, product_of
from services.wallet.domain.product import CardProduct
from services.wallet.use_cases.ports import VersionedProduct

if TYPE_CHECKING:
    from asyncpg import Connection

_NEWEST = f"""
SELECT {PRODUCT_COLUMNS} FROM card_product p WHERE code = $1
ORDER BY version DESC LIMIT 1"""  # noqa: S608 - a constant of ours
_VERSION = f"""
SELECT {PRODUCT_COLUMNS} FROM card_product p
WHERE code = $1 AND version = $2"""  # noqa: S608 - a constant of ours
_OFFERED = f"""
SELECT {PRODUCT_COLUMNS} FROM card_product p
WHERE code > $1 AND (price_minor_units IS NOT NULL OR points_price > 0)
  AND NOT EXISTS (SELECT FROM card_product n WHERE n.code = p.code AND n.version > p.version)
ORDER BY code LIMIT $2"""  # noqa: S608 - a constant of ours
# Versions are added one after the other; there may be no row to lock yet.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('card_product/' || $1, 0))"
_ADD = """
INSERT INTO card_product (
    code, version, name, places, formats, supplements_included, areas, event_kinds, weekdays,
    valid_on_holidays, cinema_ids, max_seats_per_screening, conditions, conditions_version, kind,
    supplement_formats, validity_days, price_currency, price_minor_units, points_price,
    partly_usable)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21)"""


@dataclass(frozen=True, slots=True)
class Products:
    """The port `ProductStore`."""

    driver: "Connection[Any]"

    async def newest_for_update(self, code: str) -> VersionedProduct | None:
        await self.driver.execute(_LOCK, code)
        return await self.newest(code)

    async def newest(self, code: str) -> VersionedProduct | None:
        row = await self.driver.fetchrow(_NEWEST, code)
        return None if row is None else product_of(row)

    async def version(self, code: str, version: int) -> VersionedProduct:
        row = await self.driver.fetchrow(_VERSION, code, version)
        if row is None:
            raise LookupError(f"there is no version {version} of product {code}")
        return product_of(row)

    async def add(self, product: CardProduct, version: int) -> None:
        await self.driver.execute(
            _ADD,
            product.code,
            version,
            product.name,
            product.places,
            sorted(product.formats),
            product.supplements_included,
            sorted(product.areas),
            sorted(product.event_kinds),
            sorted(product.weekdays),
            product.valid_on_holidays,
            sorted(product.cinema_ids),
            product.max_seats_per_screening,
            product.conditions,
            product.conditions_version,
            product.kind,
            sorted(product.supplement_formats),
            product.validity_days,
            product.price.currency if product.price else None,
            product.price.minor_units if product.price else None,
            product.points_price,
            product.partly_usable,
        )


@dataclass(frozen=True, slots=True)
class OfferReader:
    """The port `Offers`."""

    database: Database

    async def offered(self, after: str, limit: int) -> Sequence[CardProduct]:
        rows = await self.database.fetch(_OFFERED, after, limit)
        return [product_of(row).product for row in rows]
