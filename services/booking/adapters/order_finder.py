"""Finds orders by number, e-mail, name and screening: each by an index of its own."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, assert_never

from services.booking.adapters.numbered_orders import plain_number
from services.booking.adapters.order_reading import read_orders
from services.booking.use_cases.find_orders import (
    ByEmail,
    ByName,
    ByNumber,
    ByScreening,
    FoundOrder,
    FoundPlace,
    Search,
)
from services.common.db.database import Database

# IDs are made in the order of time. Of the cinemas $1 (all: NULL), after the ID $2, at most $3.
_ORDERS = """
SELECT o.id, '' AS key FROM customer_order o
WHERE {wanted} AND ($1::text[] IS NULL OR o.screening ->> 'cinema_id' = ANY($1))
  AND ($2::uuid IS NULL OR o.id < $2)
ORDER BY o.id DESC LIMIT $3"""
_BY_NUMBER = _ORDERS.format(wanted="o.number = $4")
_BY_SCREENING = _ORDERS.format(wanted="o.screening_id = $4")
_BY_EMAIL = """
SELECT c.order_id AS id, '' AS key FROM order_contact c
JOIN customer_order o ON o.screening_id = c.screening_id AND o.id = c.order_id
WHERE lower(c.email) = lower($4)
  AND ($1::text[] IS NULL OR o.screening ->> 'cinema_id' = ANY($1))
  AND ($2::uuid IS NULL OR c.order_id < $2)
ORDER BY c.order_id DESC LIMIT $3"""
# The expression is that of the index; the last character is behind all others.
_KEY = """folded(c.last_name || ' ' || c.first_name) COLLATE "C\""""
_BY_NAME = f"""
SELECT c.order_id AS id, {_KEY} AS key FROM order_contact c
JOIN customer_order o ON o.screening_id = c.screening_id AND o.id = c.order_id
WHERE {_KEY} >= folded($4) COLLATE "C" AND {_KEY} < (folded($4) || U&'\\+10FFFF') COLLATE "C"
  AND ($1::text[] IS NULL OR o.screening ->> 'cinema_id' = ANY($1))
  AND ($2::uuid IS NULL OR ({_KEY}, c.order_id) < ($5, $2))
ORDER BY {_KEY} DESC, c.order_id DESC LIMIT $3"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class FoundOrders:
    """The port `OrderFinder`."""

    database: Database

    async def find(
        self,
        search: Search,
        cinema_ids: AbstractSet[str] | None,
        after: FoundPlace | None,
        limit: int,
    ) -> Sequence[FoundOrder]:
        key, order_id = after or ("", None)
        query, *wanted = statement_of(search, key)
        cinemas = None if cinema_ids is None else list(cinema_ids)
        rows = await self.database.fetch(query, cinemas, order_id, limit, *wanted)
        places = {row["id"]: (row["key"], row["id"]) for row in rows}
        orders = await read_orders(self.database, list(places))
        return [FoundOrder(orders[each], places[each]) for each in places if each in orders]


def statement_of(search: Search, after_key: str) -> tuple[Any, ...]:
    """Give the statement, and its arguments from $4 on."""
    match search:
        case ByNumber(number):
            return _BY_NUMBER, plain_number(number)
        case ByEmail(email):
            return _BY_EMAIL, email
        case ByName(last_name, first_name):
            name = f"{last_name} {first_name}" if first_name.strip() else last_name
            return _BY_NAME, name, after_key
        case ByScreening(screening_id):
            return _BY_SCREENING, screening_id
        case _ as never:
            assert_never(never)
