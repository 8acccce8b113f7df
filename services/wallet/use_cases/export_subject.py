"""Tell what is kept about a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.subjects import SubjectPage, SubjectPlace
from services.wallet.use_cases.subject_ports import SubjectReader


@dataclass(frozen=True, slots=True)
class ExportSubject:
    """Give a page of everything about an account, or about a guest's orders."""

    subjects: SubjectReader

    async def __call__(
        self, account_id: UUID | None, order_ids: Sequence[UUID], place: SubjectPlace | None
    ) -> SubjectPage:
        if account_id is None:
            return await self.subjects.of_guest(order_ids, place)
        return await self.subjects.of_account(account_id, place)
