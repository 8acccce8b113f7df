"""List the promotions of a chain."""

from dataclasses import dataclass

from services.catalog.domain.promotion import Promotion
from services.catalog.use_cases.price_ports import PriceReads


@dataclass(frozen=True, slots=True)
class ListPromotions:
    """List at most `limit` versions by code, the newest first, after a code and number."""

    prices: PriceReads

    async def __call__(
        self, policy_code: str, after: tuple[str, int] | None, limit: int
    ) -> list[Promotion]:
        return await self.prices.promotions(policy_code, after, limit)
