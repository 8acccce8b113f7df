"""Tell what became of a partner's cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The cards of a batch by their state, and their places."""

    batch_id: UUID
    product_code: str
    printed: int
    activated: int
    registered: int
    used: int
    voided: int
    places_left: int
    places_used: int


class Reports(Protocol):
    async def of_partner(self, partner: str) -> Sequence[BatchReport]: ...


@dataclass(frozen=True, slots=True)
class GetPartnerReport:
    """Count the cards, batch by batch, newest first."""

    reports: Reports

    async def __call__(self, partner: str) -> Sequence[BatchReport]:
        return await self.reports.of_partner(partner)
