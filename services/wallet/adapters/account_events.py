"""Counts the events of accounts."""

from uuid import UUID

from services.common.db.transaction import Transaction

_NEXT = """
INSERT INTO account_version (account_id, event_version) VALUES ($1, 1)
ON CONFLICT (account_id) DO UPDATE SET event_version = account_version.event_version + 1
RETURNING event_version"""


async def next_account_version(tx: Transaction, account_id: UUID) -> int:
    """Take the version of an account's next event."""
    version: int = await tx.driver.fetchval(_NEXT, account_id)
    return version
