"""Get an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import OrderOwner, OrderStore, Reader


@dataclass(frozen=True, slots=True)
class GetOrder:
    """Give an order with its legs and timeline to its owner, or to customer service."""

    access: OrderAccess
    orders: OrderStore

    async def __call__(self, order_id: UUID, reader: Reader) -> Order:
        return await self.access.visible(order_id, reader, with_timeline=True)

    async def with_tickets(
        self, order_id: UUID, reader: Reader
    ) -> tuple[Order, OrderOwner, Sequence[Ticket]]:
        """Give it with whose it is and all its tickets, none before it is confirmed."""
        order, tickets = await self.orders.read_bought(order_id)
        owner = OrderOwner.of(order)
        await self.access.must_see(owner, reader)
        return order, owner, tickets
