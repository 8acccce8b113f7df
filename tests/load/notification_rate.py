"""The provider's notifications at a rate, over HTTP, a tenth twice and a tenth out of order.

    python -m tests.load.notification_rate [--rate N] [--seconds N] [--record]

Payments that wait for their customers are put into the database; each is told that it is pending
and that it was declined. All must be answered 200, and each must fail once and say so once.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from deploy.local.environment import NOTIFICATION_PATH
from deploy.local.record import StackRecord
from deploy.local.stack import LocalStack, StackOptions
from tests.load import results
from tests.load.cpu import resident_bytes

P99_GOAL_MS = 200.0
MAX_GROWTH = 1.5
PER_PAYMENT = 2
AMOUNT = 6_400
SEED = 20261125
CALL_TIMEOUT_S = 30.0
MAX_CONNECTIONS = 64
_MAKE = """
WITH made AS (
    INSERT INTO payment (id, owner, reference_id, state, currency, amount, create_time)
    SELECT gen_random_uuid(), 'wallet', gen_random_uuid(), 'OPEN', 'RON', $1, app_clock()
    FROM generate_series(1, $2) RETURNING id, reference_id
)
INSERT INTO payment_attempt (payment_id, number, reference_id, state, round, ext_order_id, pos_id,
    auto_receive, provider_order_id, redirect_url, expire_time, next_step_at)
SELECT id, 1, reference_id, 'AWAITING_CUSTOMER', 1, reference_id || '-1', $3, false,
    'BENCH' || reference_id, 'https://pay.example', app_clock() + interval '1 hour',
    app_clock() + interval '1 hour'
FROM made RETURNING ext_order_id, provider_order_id"""
_EFFECTS = """
SELECT (SELECT count(*) FROM payment_attempt
        WHERE provider_order_id LIKE 'BENCH%' AND state = 'FAILED') AS failed,
       (SELECT count(*) FROM outbox WHERE type = 'PaymentFailed') AS told"""


@dataclass
class Sent:
    """What came back."""

    answers: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000


async def main(rate: int, seconds: int, *, record: bool) -> int:
    """Measure and print; 0 when all of it holds."""
    with tempfile.TemporaryDirectory() as folder:
        async with LocalStack(Path(folder) / "state", StackOptions(preferred_ports={})) as stack:
            lines, holds = await measure(stack, rate, seconds)
    print("\n".join(["", results.heading("notifications"), "", *lines]))
    if record:
        results.append("notifications", lines)
    return 0 if holds else 1


async def measure(stack: LocalStack, rate: int, seconds: int) -> tuple[list[str], bool]:
    """Send, and judge what came of it."""
    suite, pid = stack.record, stack.parts.pids()["payment-rpc-1"]
    shop = shop_of(suite)
    payments = rate * seconds // PER_PAYMENT
    database = await asyncpg.connect(suite.databases["payment"]["owner"])
    try:
        made = await database.fetch(_MAKE, AMOUNT, payments, shop["pos_id"])
        bodies = planned(made, shop)
        before = resident_bytes(pid)
        sent = await send(suite, bodies, shop["second_key"], rate)
        after = resident_bytes(pid)
        (effects,) = await database.fetch(_EFFECTS)
    finally:
        await database.close()
    p99 = sent.percentile_ms(0.99)
    holds = (
        set(sent.answers) == {200}
        and effects["failed"] == effects["told"] == payments
        and p99 < P99_GOAL_MS
        and after < before * MAX_GROWTH
    )
    answers = ", ".join(f"{count} x {status}" for status, count in sent.answers.items())
    return [
        f"{len(bodies)} notifications of {payments} payments at {rate}/s: {answers}",
        f"p50 {sent.percentile_ms(0.5):.1f} ms, p99 {p99:.1f} ms (goal: {P99_GOAL_MS:.0f} ms)",
        f"payments failed: {effects['failed']}, told: {effects['told']} of {payments}",
        f"memory of payment-rpc: {before / 2**20:.0f} MiB before, {after / 2**20:.0f} MiB after",
        "HOLDS" if holds else "DOES NOT HOLD",
    ], holds


def shop_of(suite: StackRecord) -> dict[str, Any]:
    """Read the point of sale that the payments go through."""
    shops = json.loads(Path(suite.files["points_of_sale"]).read_text(encoding="utf-8"))
    return next(shop for shop in shops if shop["currency"] == "RON")


def planned(made: list[Any], shop: dict[str, Any]) -> list[bytes]:
    """Write what is sent, in its order: a tenth of it twice, a tenth of the pairs swapped."""
    chance = random.Random(SEED)  # noqa: S311 - replayable, not secret.
    waves: list[list[bytes]] = [[], [], []]
    for row in made:
        pair = [body_of(row, shop, status) for status in ("PENDING", "CANCELED")]
        if chance.random() < 0.1:
            pair.reverse()
        waves[0].append(pair[0])
        waves[1].append(pair[1])
        waves[2] += [body for body in pair if chance.random() < 0.1]
    return [body for wave in waves for body in wave]


def body_of(row: Any, shop: dict[str, Any], status: str) -> bytes:
    order = {
        "orderId": row["provider_order_id"],
        "extOrderId": row["ext_order_id"],
        "merchantPosId": shop["pos_id"],
        "currencyCode": "RON",
        "totalAmount": str(AMOUNT),
        "status": status,
        "buyer": {"email": "ana@example.com", "firstName": "Ana", "lastName": "Pop"},
        "products": [{"name": "Two tickets", "unitPrice": str(AMOUNT), "quantity": "1"}],
    }
    return json.dumps({"order": order, "properties": []}).encode()


async def send(suite: StackRecord, bodies: list[bytes], key: str, rate: int) -> Sent:
    """Send at the rate, whatever the answers take."""
    sent = Sent()
    url = f"http://{suite.addresses['payment-notifications']}{NOTIFICATION_PATH}"
    timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
    connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:

        async def post(body: bytes) -> None:
            signature = hashlib.sha256(body + key.encode()).hexdigest()
            header = f"sender=checkout;signature={signature};algorithm=SHA-256;content=DOCUMENT"
            began = time.perf_counter()
            async with session.post(
                url, data=body, headers={"OpenPayu-Signature": header}
            ) as answer:
                sent.answers[answer.status] += 1
            sent.seconds.append(time.perf_counter() - began)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number, body in enumerate(bodies):
                wait_s = began + number / rate - time.perf_counter()
                if wait_s > 0:
                    await asyncio.sleep(wait_s)
                tasks.create_task(post(body))
    return sent


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.notification_rate", description=__doc__
    )
    parser.add_argument("--rate", type=int, default=300, help="notifications per second")
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.rate, options.seconds, record=options.record)))
