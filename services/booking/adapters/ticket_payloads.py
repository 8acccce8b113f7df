"""Reads what a ticket's code says, for its image."""

from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database

_READ = """
SELECT qr_payload FROM ticket WHERE screening_id = $1 AND id = $2 AND state <> 'CANCELLED'"""


@dataclass(frozen=True, slots=True)
class TicketPayloads:
    """The port `Payloads`."""

    database: Database

    async def __call__(self, screening_id: UUID, ticket_id: UUID) -> bytes | None:
        payload: bytes | None = await self.database.fetchval(_READ, screening_id, ticket_id)
        return payload
