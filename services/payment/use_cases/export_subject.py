"""Tell what is kept about purchases."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.subjects import SubjectPage, SubjectPlace
from services.payment.use_cases.subject_ports import SubjectReader


@dataclass(frozen=True, slots=True)
class ExportSubject:
    """Give a page of everything about the purchases, whoever owns them."""

    subjects: SubjectReader

    async def __call__(
        self, reference_ids: Sequence[UUID], place: SubjectPlace | None
    ) -> SubjectPage:
        return await self.subjects.page(reference_ids, place)
