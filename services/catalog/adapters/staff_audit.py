"""The audit of what staff do with the programme."""

from dataclasses import dataclass

from services.catalog.domain.cinema import Staff
from services.common.db.audit import Audit, AuditEntry


@dataclass(frozen=True, slots=True)
class StaffAuditRows:
    """Adds audit rows to one transaction; of states only a hash is kept."""

    audit: Audit

    async def add(
        self, staff: Staff, action: str, subject: str, *, before: object = "", after: object = ""
    ) -> None:
        await self.audit.add(
            AuditEntry(
                actor=staff.id,
                roles=staff.roles,
                action=action,
                subject=subject,
                request_id=staff.request_id,
                before=repr(before).encode(),
                after=repr(after).encode(),
            )
        )
