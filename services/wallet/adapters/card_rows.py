"""Cards as rows: the columns, and the way from rows to the domain."""

import json
from datetime import date
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.common.money import Money
from services.wallet.domain.card import Card, CardState, PlaceLot
from services.wallet.domain.product import CardProduct, ProductKind
from services.wallet.use_cases.code_ports import SealedCode
from services.wallet.use_cases.ports import VersionedProduct

PRODUCT_COLUMNS = """
p.code, p.version, p.name, p.places, p.formats, p.supplements_included, p.areas, p.event_kinds,
p.weekdays, p.valid_on_holidays, p.cinema_ids, p.max_seats_per_screening, p.conditions,
p.conditions_version, p.kind, p.supplement_formats, p.validity_days, p.price_currency,
p.price_minor_units, p.points_price, p.partly_usable"""

# Lots in the order in which their places are taken. The product's terms are known by its version.
CARD_COLUMNS = """
c.id, c.last_four, c.state, c.account_id, c.register_time, c.number_sealed, c.number_seal_key,
c.product_code, c.product_version,
(SELECT coalesce(json_agg(json_build_array(
        l.id, l.last_screening_date, l.places_left, l.places_reserved, l.places_used)
    ORDER BY l.last_screening_date, l.id), '[]')::text
 FROM place_lot l WHERE l.card_id = c.id) AS lots"""


def version_of(row: Record) -> tuple[str, int]:
    """Say which product's terms a row of `CARD_COLUMNS` is under."""
    return row["product_code"], row["product_version"]


def card_of(row: Record, product: CardProduct) -> Card:
    """Make the card of a row of `CARD_COLUMNS`."""
    return Card(
        id=row["id"],
        product=product,
        last_four=row["last_four"],
        state=CardState(row["state"]),
        account_id=row["account_id"],
        register_time=row["register_time"],
        lots=[_lot_of(values) for values in json.loads(row["lots"])],
    )


def number_of(row: Record) -> SealedCode:
    return SealedCode(row["id"], row["number_sealed"], row["number_seal_key"])


def product_of(row: Record) -> VersionedProduct:
    """Make the product of a row of `PRODUCT_COLUMNS`."""
    product = CardProduct(
        code=row["code"],
        name=row["name"],
        places=row["places"],
        formats=frozenset(row["formats"]),
        supplements_included=row["supplements_included"],
        areas=frozenset(row["areas"]),
        event_kinds=frozenset(row["event_kinds"]),
        weekdays=frozenset(row["weekdays"]),
        valid_on_holidays=row["valid_on_holidays"],
        cinema_ids=frozenset(row["cinema_ids"]),
        max_seats_per_screening=row["max_seats_per_screening"],
        conditions=row["conditions"],
        conditions_version=row["conditions_version"],
        kind=ProductKind(row["kind"]),
        supplement_formats=frozenset(row["supplement_formats"]),
        validity_days=row["validity_days"],
        price=_price_of(row),
        points_price=row["points_price"],
        partly_usable=row["partly_usable"],
    )
    return VersionedProduct(row["version"], product)


def _price_of(row: Record) -> Money | None:
    if row["price_currency"] is None:
        return None
    return Money(row["price_currency"], row["price_minor_units"])


def _lot_of(values: list[Any]) -> PlaceLot:
    lot_id, last_screening_date, left, reserved, used = values
    return PlaceLot(UUID(lot_id), date.fromisoformat(last_screening_date), left, reserved, used)
