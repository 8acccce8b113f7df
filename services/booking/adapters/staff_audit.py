"""Audit rows of what staff did, and of what they read about people."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.booking.domain.staff import Staff
from services.common.db.audit import Audit, AuditEntry
from services.common.db.database import Database
from services.common.db.transaction import Transaction


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


@dataclass(frozen=True, slots=True)
class StaffReadRows:
    """The port `StaffReads`: the rows are there before anything is shown."""

    database: Database

    async def note(self, staff: Staff, action: str, subjects: Sequence[str]) -> None:
        async def add(tx: Transaction) -> None:
            rows = StaffAuditRows(tx.audit)
            for subject in subjects:
                await rows.add(staff, action, subject, subject)

        if subjects:
            await self.database.in_transaction(add)
