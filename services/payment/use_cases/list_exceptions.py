"""List what contradicts our record."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.payment.domain.exception_case import ExceptionCase
from services.payment.use_cases.audit_ports import AuditReader, Place


@dataclass(frozen=True, slots=True)
class ListExceptions:
    """List exceptions, oldest first."""

    audit: AuditReader

    async def __call__(
        self, after: Place | None, limit: int, *, with_resolved: bool
    ) -> Sequence[ExceptionCase]:
        return await self.audit.exceptions(after, limit, with_resolved=with_resolved)
