"""The rows that must not change by what is refused: how many there are, and a digest of them."""

import asyncio
from collections.abc import Mapping

import asyncpg

# By service: what money, seats, places and the programme consist of.
PRECIOUS: Mapping[str, tuple[str, ...]] = {
    "catalog": ("cinema", "hall", "seat_plan", "film", "screening", "price_list", "terms"),
    "booking": (
        "screening_board",
        "seat_claim",
        "hold",
        "customer_order",
        "order_contact",
        "order_line",
        "order_allocation",
        "order_leg",
        "payment_decision",
        "ticket",
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
        "journal_posting",
        "spending",
        "exception_case",
    ),
}

# When somebody looks at a row again is nobody's loss.
BOOKKEEPING = "{next_step_at,step_count,retries,ask_time,change_time}"
Rows = dict[str, tuple[int, str]]


async def read_rows(database_urls: Mapping[str, str]) -> Rows:
    """Count and digest every precious table, by `service.table`."""
    each = await asyncio.gather(
        *(_read(service, database_urls[service], tables) for service, tables in PRECIOUS.items())
    )
    return {name: row for rows in each for name, row in rows.items()}


def changed(before: Rows, after: Rows) -> list[str]:
    """Name the tables that differ."""
    return [
        f"{name}: {before[name][0]} -> {after[name][0]} rows"
        for name in before
        if before[name] != after[name]
    ]


async def _read(service: str, url: str, tables: tuple[str, ...]) -> Rows:
    # One statement sees one moment.
    parts = [
        f"SELECT '{table}' AS name, count(*) AS rows,"
        " md5(string_agg(row, '' ORDER BY row)) AS digest"
        f" FROM (SELECT md5((to_jsonb(t) - '{BOOKKEEPING}'::text[])::text) AS row FROM {table} t) r"
        for table in tables
    ]
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(" UNION ALL ".join(parts))
    finally:
        await connection.close()
    return {f"{service}.{row['name']}": (row["rows"], row["digest"] or "") for row in found}
