"""What telling and erasing what is kept about buyers needs from outside."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from services.common.db.audit import AuditEntry
from services.common.subjects import SubjectPage, SubjectPlace


class SubjectReader(Protocol):
    async def page(self, reference_ids: Sequence[UUID], place: SubjectPlace | None) -> SubjectPage:
        """Read on in everything that is kept about purchases."""
        ...


class SubjectStore(Protocol):
    async def blockers(self, reference_ids: Sequence[UUID]) -> Sequence[str]:
        """Lock the payments of the purchases, and say what is under way with them."""
        ...

    async def erase(self, reference_ids: Sequence[UUID]) -> int:
        """Remove what names the buyers; tells how many payments there are."""
        ...

    async def note(self, entry: AuditEntry) -> None:
        """Add to the audit; call it last."""
        ...
