"""Get an order."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Reader


@dataclass(frozen=True, slots=True)
class GetOrder:
    """Give an order with its legs and timeline to its owner, or to customer service."""

    access: OrderAccess

    async def __call__(self, order_id: UUID, reader: Reader) -> Order:
        return await self.access.visible(order_id, reader, with_timeline=True)
