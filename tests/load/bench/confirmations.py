"""How long a confirmed payment waits for its tickets: read from the databases' commit times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from deploy.local.record import StackRecord

# A journal entry is written with PaymentConfirmed, in the same transaction, and never touched
# again; so is a ticket with the confirmation. The commit is when others can read it.
_CAPTURED = """
SELECT p.reference_id AS order_id, pg_xact_commit_timestamp(e.xmin) AS time
FROM journal_entry e JOIN payment p ON p.id = e.payment_id
WHERE e.kind = 'CAPTURE' AND pg_xact_commit_timestamp(e.xmin) >= $1"""
_TICKETS = """
SELECT order_id, max(pg_xact_commit_timestamp(xmin)) AS time FROM ticket
WHERE order_id = ANY($1) GROUP BY order_id"""


class LostConfirmationError(RuntimeError):
    """Money was taken, and there are no tickets."""


@dataclass(frozen=True, slots=True)
class Confirmations:
    """The confirmations since a moment."""

    record: StackRecord
    since: datetime

    @classmethod
    async def from_now(cls, record: StackRecord) -> Confirmations:
        connection = await asyncpg.connect(record.databases["payment"]["owner"])
        try:
            return cls(record, await connection.fetchval("SELECT clock_timestamp()"))
        finally:
            await connection.close()

    async def waits_s(self) -> list[float]:
        """Seconds from the commit of PaymentConfirmed to that of the tickets, for each order."""
        captured = await _read(self.record, "payment", _CAPTURED, self.since)
        tickets = await _read(self.record, "booking", _TICKETS, list(captured))
        without = captured.keys() - tickets.keys()
        if without:
            raise LostConfirmationError(f"{len(without)} paid orders have no tickets: {without}")
        return [(tickets[order_id] - time).total_seconds() for order_id, time in captured.items()]


async def _read(
    record: StackRecord, service: str, query: str, argument: object
) -> dict[object, datetime]:
    connection = await asyncpg.connect(record.databases[service]["owner"])
    try:
        rows = await connection.fetch(query, argument)
    finally:
        await connection.close()
    return {row["order_id"]: row["time"] for row in rows}
