"""Whose order it is. Somebody else's looks as if it did not exist."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.use_cases.order_ports import OrderReads, OrderTokens, Reader

EVERY_CINEMA = "*"


@dataclass(frozen=True, slots=True)
class OrderAccess:
    """Reads orders for their owners, and for customer service."""

    orders: OrderReads
    tokens: OrderTokens

    async def owned(self, order_id: UUID, reader: Reader, *, with_timeline: bool = False) -> Order:
        """Read an order that is the reader's own; ORDER_NOT_FOUND otherwise."""
        order = await self.orders.read(order_id, with_timeline=with_timeline)
        if not self._owns(order, reader):
            raise OrderNotFoundError(order_id)
        return order

    async def visible(
        self, order_id: UUID, reader: Reader, *, with_timeline: bool = False
    ) -> Order:
        """Read an order that the reader may see; ORDER_NOT_FOUND otherwise."""
        order = await self.orders.read(order_id, with_timeline=with_timeline)
        if not (self._owns(order, reader) or _serves(order, reader)):
            raise OrderNotFoundError(order_id)
        return order

    def _owns(self, order: Order, reader: Reader) -> bool:
        if order.account_id is not None:
            return order.account_id == reader.account_id
        return order.owner == reader.principal or (
            bool(reader.order_token) and self.tokens.opens(order.id, reader.order_token)
        )


def _serves(order: Order, reader: Reader) -> bool:
    return EVERY_CINEMA in reader.cinemas or order.screening.cinema_id in reader.cinemas
