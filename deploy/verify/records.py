"""What each service, and the provider, say about the same orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg

_ORDERS = """
SELECT id::text AS id, state, currency,
       CASE WHEN channel = 'BOX_OFFICE' THEN 0 ELSE money_due END AS money_due,
       (SELECT count(*) FROM order_line l
        WHERE l.screening_id = o.screening_id AND l.order_id = o.id) AS seats,
       (SELECT count(*) FROM ticket t
        WHERE t.screening_id = o.screening_id AND t.order_id = o.id) AS tickets
FROM customer_order o"""
_PLACE_LEGS = """
SELECT g.order_id::text AS order_id, g.name, g.attempt, g.state, o.state AS order_state,
       r.state AS remedy_state
FROM order_leg g JOIN customer_order o ON o.screening_id = g.screening_id AND o.id = g.order_id
LEFT JOIN remedy r ON r.screening_id = g.screening_id AND r.order_id = g.order_id
WHERE g.kind IN ('PLACES', 'VOUCHER')"""
_REMEDIES = """
SELECT id::text AS id, order_id::text AS order_id, state, amount, voucher_id::text AS voucher_id
FROM remedy WHERE kind = 'VOUCHER'"""
_PAYMENTS = """
SELECT reference_id::text AS reference_id, owner, state, currency, captured, converted
FROM payment"""
_ATTEMPTS = """
SELECT p.reference_id::text AS reference_id, a.state, a.provider_order_id
FROM payment_attempt a JOIN payment p ON p.id = a.payment_id
WHERE a.provider_order_id IS NOT NULL"""
_EXCEPTIONS = """
SELECT provider_order_id FROM exception_case WHERE provider_order_id IS NOT NULL"""
_REFUNDS = """
SELECT provider_order_id, sum(amount)::bigint AS asked,
       coalesce(sum(amount) FILTER (WHERE state = 'COMPLETED'), 0)::bigint AS completed
FROM refund GROUP BY provider_order_id"""
_REFUND_LEGS = """
SELECT order_id::text AS order_id, sum(amount)::bigint AS amount,
       coalesce(sum(amount) FILTER (WHERE state = 'DONE'), 0)::bigint AS done
FROM order_leg WHERE kind = 'REFUND' AND NOT EXISTS (
    SELECT FROM customer_order o WHERE o.screening_id = order_leg.screening_id
      AND o.id = order_leg.order_id AND o.channel = 'BOX_OFFICE')
GROUP BY order_id"""
# Money that made no ticket goes back by payment's own will.
_GIVEN_BACK = """
SELECT reference_id::text AS reference_id, sum(amount)::bigint AS asked,
       coalesce(sum(amount) FILTER (WHERE state = 'COMPLETED'), 0)::bigint AS completed
FROM refund WHERE owner = 'booking' AND reason NOT IN ('EXCEPTION', 'LATE_PAYMENT')
GROUP BY reference_id"""
_OFFERS = """
SELECT id::text AS id, order_id::text AS order_id, kind, state FROM remedy_offer
WHERE state IN ('OPEN', 'LAPSED')"""
_LAPSES = """
SELECT s.spending_id::text AS id, p.reference_id::text AS order_id
FROM spending s JOIN payment p ON p.id = s.payment_id WHERE s.purpose = 'LAPSED_REMEDY'"""
_RESERVATIONS = """
SELECT order_id::text AS order_id, leg, attempt, state FROM reservation"""
_VOUCHERS = """
SELECT id::text AS id, remedy_id::text AS remedy_id, order_id::text AS order_id,
       value_minor_units AS value FROM voucher"""


@dataclass(frozen=True)
class Records:
    """Rows of the three services that share an order, and the provider's orders."""

    orders: Mapping[str, Any]
    place_legs: list[Any]
    remedies: Mapping[str, Any]
    payments: Mapping[str, Any]
    attempts: Mapping[str, Any]
    named_exceptions: frozenset[str]
    reservations: Mapping[tuple[str, str, int], Any]
    vouchers: list[Any]
    provider_orders: Mapping[str, Any]
    refunds: Mapping[str, Any] = field(default_factory=dict)
    refund_legs: Mapping[str, Any] = field(default_factory=dict)
    given_back: Mapping[str, Any] = field(default_factory=dict)
    offers: Mapping[str, Any] = field(default_factory=dict)
    lapses: Mapping[str, Any] = field(default_factory=dict)


async def read_records(database_urls: Mapping[str, str], provider_url: str) -> Records:
    """Read everything; the order of reading is from what comes later to what comes first."""
    booking = await asyncpg.connect(database_urls["booking"])
    wallet = await asyncpg.connect(database_urls["wallet"])
    payment = await asyncpg.connect(database_urls["payment"])
    try:
        vouchers = await wallet.fetch(_VOUCHERS)
        given_back = await payment.fetch(_GIVEN_BACK)
        remedies = await booking.fetch(_REMEDIES)
        offers = await booking.fetch(_OFFERS)
        lapses = await payment.fetch(_LAPSES)
        orders = await booking.fetch(_ORDERS)
        place_legs = await booking.fetch(_PLACE_LEGS)
        refund_legs = await booking.fetch(_REFUND_LEGS)
        reservations = await wallet.fetch(_RESERVATIONS)
        payments = await payment.fetch(_PAYMENTS)
        attempts = await payment.fetch(_ATTEMPTS)
        exceptions = await payment.fetch(_EXCEPTIONS)
        refunds = await payment.fetch(_REFUNDS)
    finally:
        for connection in (booking, wallet, payment):
            await connection.close()
    return Records(
        orders={row["id"]: row for row in orders},
        place_legs=place_legs,
        remedies={row["id"]: row for row in remedies},
        payments={row["reference_id"]: row for row in payments},
        attempts={row["provider_order_id"]: row for row in attempts},
        named_exceptions=frozenset(row["provider_order_id"] for row in exceptions),
        reservations={(r["order_id"], r["leg"], r["attempt"]): r for r in reservations},
        vouchers=vouchers,
        provider_orders=await _provider_orders(provider_url) if provider_url else {},
        refunds={row["provider_order_id"]: row for row in refunds},
        refund_legs={row["order_id"]: row for row in refund_legs},
        given_back={row["reference_id"]: row for row in given_back},
        offers={row["id"]: row for row in offers},
        lapses={row["id"]: row for row in lapses},
    )


async def _provider_orders(provider_url: str) -> dict[str, Any]:
    orders: dict[str, Any] = {}
    after: str | None = ""
    async with aiohttp.ClientSession() as http:
        while after is not None:
            query = {"after": after} if after else {}
            async with http.get(f"{provider_url}/emulator/orders", params=query) as answer:
                answer.raise_for_status()
                page = await answer.json()
            orders |= {order["order_id"]: order for order in page["orders"]}
            after = page["next_after"]
    return orders
