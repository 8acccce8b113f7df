"""Checks of what must always be true, as SQL that finds violations in live databases."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.common.db.database import Database

DEFAULT_SETTLE_S = 60.0
READ_AGAIN_AFTER_MS = 250
MAX_LISTED_VIOLATIONS = 100


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant in one database.

    `sql` gives a row per suspect: `subject`, `detail`, and `age_seconds` (double precision): how
    long it has been so in real time, or NULL for what may not be so for even an instant. Suspects
    younger than `settle_seconds` are in flight and read again.
    """

    name: str
    invariant_id: str
    sql: str
    settle_seconds: float = DEFAULT_SETTLE_S


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that is not as it must be, or not yet (`in_flight`)."""

    check: str
    invariant_id: str
    database: str
    subject: str
    detail: str
    in_flight: bool = False


async def run_check(
    database: Database, name: str, check: Check, *, wait_s: float | None = None
) -> list[Violation]:
    """Run a check in the database called `name`, reading again while suspects are in flight.

    `wait_s` bounds the reading again (default: the check's settling time). What is still in flight
    then is a violation: it was given its time.
    """
    until = time.monotonic() + (check.settle_seconds if wait_s is None else wait_s)
    while True:
        found = await _read(database, name, check)
        if not any(violation.in_flight for violation in found) or time.monotonic() >= until:
            return found
        await asyncio.sleep(READ_AGAIN_AFTER_MS / 1_000)


async def _read(database: Database, name: str, check: Check) -> list[Violation]:
    query = f"SELECT * FROM ({check.sql}) suspect LIMIT {MAX_LISTED_VIOLATIONS}"  # noqa: S608 - ours
    rows = await database.fetch(query)
    return [
        Violation(
            check.name,
            check.invariant_id,
            name,
            str(row["subject"]),
            str(row["detail"]),
            in_flight=row["age_seconds"] is not None and row["age_seconds"] < check.settle_seconds,
        )
        for row in rows
    ]


async def run_checks(
    databases: Mapping[str, Database],
    checks: Mapping[str, Sequence[Check]],
    *,
    wait_s: float | None = None,
) -> list[Violation]:
    """Run each database's checks at the same time over all databases."""
    per_database = await asyncio.gather(
        *(_run_one_by_one(databases[name], name, checks[name], wait_s) for name in checks)
    )
    return [violation for found in per_database for violation in found]


async def _run_one_by_one(
    database: Database, name: str, checks: Sequence[Check], wait_s: float | None
) -> list[Violation]:
    found: list[Violation] = []
    for check in checks:
        found.extend(await run_check(database, name, check, wait_s=wait_s))
    return found
