"""Audit rows of what staff did."""

from dataclasses import dataclass

from services.booking.domain.staff import Staff
from services.common.db.audit import Audit, AuditEntry


@dataclass(frozen=True, slots=True)
class StaffAuditRows:
    """The port `StaffAudit`; of what was done only a hash is kept."""

    audit: Audit

    async def add(self, staff: Staff, action: str, subject: str, after: object) -> None:
        await self.audit.add(
            AuditEntry(
                actor=staff.id,
                roles=staff.roles,
                action=action,
                subject=subject,
                request_id=staff.request_id,
                after=repr(after).encode(),
            )
        )
