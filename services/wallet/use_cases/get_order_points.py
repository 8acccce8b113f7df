"""Tell which points an order would lose if it were given back."""

from dataclasses import dataclass
from uuid import UUID

from services.wallet.use_cases.points_ports import Points


@dataclass(frozen=True, slots=True)
class GetOrderPoints:
    """Pending and posted ones alike."""

    points: Points

    async def __call__(self, order_id: UUID) -> int:
        return await self.points.of_order(order_id)
