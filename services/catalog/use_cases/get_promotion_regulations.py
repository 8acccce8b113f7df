"""Get the regulations of a promotion."""

from dataclasses import dataclass
from uuid import UUID

from services.catalog.domain.promotion import Promotion
from services.catalog.use_cases.price_ports import PriceReads


@dataclass(frozen=True, slots=True)
class GetPromotionRegulations:
    """Get a version of a promotion, whether it is in force or not; PROMOTION_NOT_FOUND."""

    prices: PriceReads

    async def __call__(self, promotion_id: UUID) -> Promotion:
        return await self.prices.promotion(promotion_id)
