"""The journal in PostgreSQL: entry and postings in one statement, never changed afterwards."""

from typing import Any
from uuid import UUID

from asyncpg import Connection

from services.common.ids import new_id
from services.payment.domain.journal import Entry

_INSERT = """
WITH entry AS (
    INSERT INTO journal_entry (id, key, kind, payment_id) VALUES ($1, $2, $3, $4)
)
INSERT INTO journal_posting (entry_id, line, account, currency, amount)
SELECT $1, line, account, currency, amount
FROM unnest($5::text[], $6::text[], $7::bigint[])
    WITH ORDINALITY AS posting (account, currency, amount, line)"""


async def insert_entry(driver: "Connection[Any]", entry: Entry, *, payment_id: UUID | None) -> None:
    """Add an entry. The same key twice breaks a unique key: a fact is booked once."""
    id_, key, kind, *postings = entry_arguments(entry)
    await driver.execute(_INSERT, id_, key, kind, payment_id, *postings)


def entry_arguments(entry: Entry) -> tuple[Any, ...]:
    """Give an entry's new ID, key and kind, and the columns of its postings."""
    return (
        new_id(),
        entry.key,
        entry.kind,
        [posting.account for posting in entry.postings],
        [posting.amount.currency for posting in entry.postings],
        [posting.amount.minor_units for posting in entry.postings],
    )
