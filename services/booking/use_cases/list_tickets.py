"""List the tickets of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import OrderOwner, OrderStore, Reader


@dataclass(frozen=True, slots=True)
class ListTickets:
    """Give the tickets of an order, none before it is confirmed, by their numbers."""

    access: OrderAccess
    orders: OrderStore

    async def __call__(
        self, order_id: UUID, reader: Reader, *, after_number: str, limit: int
    ) -> tuple[OrderOwner, Sequence[Ticket]]:
        owner, tickets = await self.orders.read_tickets(
            order_id, after_number=after_number, limit=limit
        )
        await self.access.must_see(owner, reader)
        return owner, tickets
