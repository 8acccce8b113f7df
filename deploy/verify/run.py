"""Runs every check; what is in flight is read again until it settles or its time is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from deploy.verify.across import ACROSS_CHECKS
from deploy.verify.records import read_records
from deploy.verify.report import Line
from services.booking.checks import checks as booking_checks
from services.catalog.checks import checks as catalog_checks
from services.common.db.chassis_checks import check_delivery
from services.common.db.checks import Check, Violation, run_check
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from services.payment.checks import checks as payment_checks
from services.wallet.checks import checks as wallet_checks

SETTLE_S = 60.0
READ_AGAIN_AFTER_S = 0.5
# Checks of one database queue for few connections instead of crowding out the services.
LIMITS = EngineLimits(pool_size=2, pool_timeout_ms=120_000, statement_timeout_ms=60_000)
# Which service consumes whose events.
DELIVERIES = (
    ("catalog", "booking"),
    ("payment", "booking"),
    ("wallet", "booking"),
    ("booking", "wallet"),
)


async def verify(
    database_urls: Mapping[str, str], provider_url: str = "", *, wait_s: float = SETTLE_S
) -> list[Line]:
    """Check the four databases (URLs by service) and, when given, the local provider's record.

    Rows that are in flight get `wait_s` to settle.
    """
    checks = {
        "catalog": catalog_checks(),
        "booking": booking_checks(),
        "wallet": wallet_checks(),
        "payment": payment_checks(),
    }
    async with AsyncExitStack() as stack:
        databases: dict[str, Database] = {}
        for name in checks:
            databases[name] = Database(
                create_engine(database_urls[name], application_name="verify", limits=LIMITS)
            )
            stack.push_async_callback(databases[name].close)
        own, delivered, across = await asyncio.gather(
            _own_checks(databases, checks, wait_s),
            _deliveries(databases, wait_s),
            _across(database_urls, provider_url, wait_s),
        )
    return sorted([*own, *delivered, *across], key=_place_of)


async def _own_checks(
    databases: Mapping[str, Database], checks: Mapping[str, Sequence[Check]], wait_s: float
) -> list[Line]:
    async def one(name: str, check: Check) -> Line:
        found = await run_check(databases[name], name, check, wait_s=wait_s)
        return Line(check.invariant_id, check.name, name, [_text(violation) for violation in found])

    return list(
        await asyncio.gather(*(one(name, check) for name in checks for check in checks[name]))
    )


async def _deliveries(databases: Mapping[str, Database], wait_s: float) -> list[Line]:
    async def one(producer: str, consumer: str) -> Line:
        found = await check_delivery(
            (producer, databases[producer]), (consumer, databases[consumer]), wait_s=wait_s
        )
        name = f"{consumer} has consumed every event of {producer}"
        return Line("I7", name, f"{producer}, {consumer}", [_text(each) for each in found])

    return list(await asyncio.gather(*(one(*pair) for pair in DELIVERIES)))


async def _across(database_urls: Mapping[str, str], provider_url: str, wait_s: float) -> list[Line]:
    until = time.monotonic() + wait_s
    while True:
        records = await read_records(database_urls, provider_url)
        lines = [
            Line(check.invariant_id, check.name, check.where, list(check.find(records)))
            for check in ACROSS_CHECKS
        ]
        if all(line.holds for line in lines) or time.monotonic() >= until:
            return lines
        await asyncio.sleep(READ_AGAIN_AFTER_S)


def _text(violation: Violation) -> str:
    return f"{violation.subject}: {violation.detail}"


def _place_of(line: Line) -> tuple[bool, int]:
    """Put the invariants in their order, and clauses of the terms after them."""
    digits = "".join(filter(str.isdigit, line.invariant_id))
    return not line.invariant_id.startswith("I"), int(digits)
