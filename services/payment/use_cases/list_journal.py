"""List what was booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payment.use_cases.audit_ports import AuditReader, BookedEntry, Place


@dataclass(frozen=True, slots=True)
class ListJournal:
    """List the journal's entries, oldest first."""

    audit: AuditReader

    async def __call__(
        self, reference_id: UUID | None, after: Place | None, limit: int
    ) -> Sequence[BookedEntry]:
        return await self.audit.journal(reference_id, after, limit)
