"""The rows that must not change by what is refused: how many there are, and a digest of them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import asyncpg

QUIET_S = 0.5
MAX_WAIT_S = 30.0
# By service: what money, seats, places and the programme consist of.
PRECIOUS: Mapping[str, tuple[str, ...]] = {
    "catalog": ("cinema", "hall", "seat_plan", "film", "screening", "price_list", "terms"),
    "booking": (
        "screening_board",
        "seat_claim",
        "hold",
        "customer_order",
        "order_contact",
        "payment_decision",
        "ticket",
        "admission",
        "remedy",
    ),
    "wallet": (
        "card_product",
        "card_batch",
        "card",
        "place_lot",
        "reservation",
        "place_entry",
        "voucher",
        "voucher_entry",
    ),
    "payment": (
        "payment",
        "payment_attempt",
        "journal_entry",
        "spending",
        "exception_case",
    ),
}

# When somebody looks at a row again is nobody's loss.
BOOKKEEPING = "{next_step_at,step_count,retries,ask_time,change_time}"
Rows = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class RowReader:
    """Reads the precious rows over connections that stay open; used on one event loop."""

    connections: Mapping[str, Any]

    @classmethod
    async def open(cls, database_urls: Mapping[str, str]) -> Self:
        """Connect to each database, as the role that owns its tables."""
        return cls({service: await asyncpg.connect(database_urls[service]) for service in PRECIOUS})

    async def read(self) -> Rows:
        """Count and digest every precious table, by `service.table`."""
        each = await asyncio.gather(
            *(_read(self.connections[service], service) for service in PRECIOUS)
        )
        return {name: row for rows in each for name, row in rows.items()}

    async def read_when_quiet(self) -> Rows:
        """Read once nothing has changed for a while: what was begun before is done."""
        before = await self.read()
        async with asyncio.timeout(MAX_WAIT_S):
            while True:
                await asyncio.sleep(QUIET_S)
                after = await self.read()
                if after == before:
                    return after
                before = after

    async def close(self) -> None:
        for connection in self.connections.values():
            await connection.close()


def changed(before: Rows, after: Rows) -> list[str]:
    """Name the tables that differ."""
    return [
        f"{name}: {before[name][0]} -> {after[name][0]} rows"
        for name in before
        if before[name] != after[name]
    ]


async def _read(connection: Any, service: str) -> Rows:
    # One statement sees one moment.
    parts = [
        f"SELECT '{table}' AS name, count(*) AS rows,"
        " md5(string_agg(row, '' ORDER BY row)) AS digest"
        f" FROM (SELECT md5((to_jsonb(t) - '{BOOKKEEPING}'::text[])::text) AS row FROM {table} t) r"
        for table in PRECIOUS[service]
    ]
    found = await connection.fetch(" UNION ALL ".join(parts))
    return {f"{service}.{row['name']}": (row["rows"], row["digest"] or "") for row in found}
