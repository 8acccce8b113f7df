"""Compares our record with the provider's own, order by order."""

import asyncio
import time
from typing import Any

import aiohttp

from services.common.db.checks import READ_AGAIN_AFTER_MS, Violation
from services.common.db.database import Database

NAME = "what the provider took is captured here, once and granted"
MAX_COMPARED_ORDERS = 100_000
PAGE_SIZE = 500
CALL_TIMEOUT_S = 10.0

_OURS = """
SELECT a.ext_order_id, a.state, a.decision, a.taken_early, p.captured, p.currency
FROM payment_attempt a JOIN payment p ON p.id = a.payment_id
WHERE a.ext_order_id = ANY ($1)"""
_CAPTURED_HERE = """
SELECT a.ext_order_id FROM payment_attempt a WHERE a.state = 'CAPTURED'"""
_NAMED = """
SELECT provider_order_id FROM exception_case WHERE provider_order_id = ANY ($1)"""


async def compare_with_provider(
    database: Database, emulator_url: str, *, wait_s: float = 0.0
) -> list[Violation]:
    """List what the emulated provider's record and ours disagree about (I3, I4).

    Every order that it captured is captured here with the same amount and a grant, or is a named
    exception; and nothing is captured here that it did not take. What is in flight disagrees for
    a moment: both are read again until they agree or `wait_s` is over.
    """
    until = time.monotonic() + wait_s
    while True:
        found = await _compare(database, emulator_url)
        if not found or time.monotonic() >= until:
            return found
        await asyncio.sleep(READ_AGAIN_AFTER_MS / 1_000)


async def _compare(database: Database, emulator_url: str) -> list[Violation]:
    theirs = [order for order in await _orders(emulator_url) if order["captured"]]
    taken = {order["ext_order_id"] or order["order_id"]: order for order in theirs}
    ours = {row["ext_order_id"]: row for row in await database.fetch(_OURS, list(taken))}
    order_ids = [order["order_id"] for order in theirs]
    named = {row["provider_order_id"] for row in await database.fetch(_NAMED, order_ids)}
    found = []
    for name, order in taken.items():
        problem = "" if order["order_id"] in named else _problem(order, ours.get(name))
        if problem:
            found.append(Violation(NAME, "I3", "payment", name, problem))
    for row in await database.fetch(_CAPTURED_HERE):
        if row["ext_order_id"] not in taken:
            problem = "captured here, and the provider knows nothing of it"
            found.append(Violation(NAME, "I4", "payment", row["ext_order_id"], problem))
    return found


def _problem(order: dict[str, Any], ours: Any) -> str:
    problem = ""
    captures = [entry for entry in order["history"] if entry["event"] == "COMPLETED"]
    if ours is None:
        problem = "taken by the provider, unknown here"
    elif ours["taken_early"] and ours["state"] == "AUTHORIZED":
        pass  # Auto-receive: taken before the owner captures. That it goes on is another check's.
    elif ours["state"] != "CAPTURED":
        problem = f"taken by the provider, {ours['state']} here"
    elif ours["decision"] != "GRANT":
        problem = "captured without a grant"
    elif (ours["captured"], ours["currency"]) != (order["captured"], order["currency"]):
        problem = f"{order['captured']} taken, {ours['captured']} here"
    elif len(captures) != 1:
        problem = f"captured {len(captures)} times"
    return problem


async def _orders(emulator_url: str) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = []
    after: int | None = 0
    timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        while after is not None and len(orders) < MAX_COMPARED_ORDERS:
            query = {"after": str(after), "limit": str(PAGE_SIZE)}
            async with session.get(f"{emulator_url}/emulator/orders", params=query) as response:
                response.raise_for_status()
                page = await response.json()
            orders.extend(page["orders"])
            after = page["next_after"]
    return orders
