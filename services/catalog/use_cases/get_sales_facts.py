"""Get what a sale of a screening depends on."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.sales_facts import SalesFacts
from services.catalog.use_cases.programme_ports import Programme


@dataclass(frozen=True, slots=True)
class GetSalesFacts:
    """Read the facts of one moment; SCREENING_NOT_FOUND."""

    programme: Programme

    async def __call__(self, screening_id: UUID) -> SalesFacts:
        return await self.programme.sales_facts(screening_id)
