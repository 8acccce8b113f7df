"""The journal in PostgreSQL: an entry is one row with its postings, never changed afterwards."""

from typing import Any
from uuid import UUID

from asyncpg import Connection

from services.common.ids import new_id
from services.payment.domain.journal import Entry

_INSERT = """
INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts, payment_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)"""


async def insert_entry(driver: "Connection[Any]", entry: Entry, *, payment_id: UUID | None) -> None:
    """Add an entry. The same key twice breaks a unique key: a fact is booked once."""
    await driver.execute(_INSERT, *entry_arguments(entry), payment_id)


def entry_arguments(entry: Entry) -> tuple[Any, ...]:
    """Give an entry's new ID, key, kind and currency, and the columns of its postings."""
    return (
        new_id(),
        entry.key,
        entry.kind,
        entry.currency,
        [posting.account for posting in entry.postings],
        [posting.amount.minor_units for posting in entry.postings],
    )
