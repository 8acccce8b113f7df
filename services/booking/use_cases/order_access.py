"""Whose order it is. Somebody else's looks as if it did not exist."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.use_cases.order_ports import OrderOwner, OrderReads, OrderTokens, Reader
from services.booking.use_cases.staff_reads import StaffReads

READ_ORDER = "ReadOrder"


@dataclass(frozen=True, slots=True)
class OrderAccess:
    """Reads orders for their owners, and for customer service, whose reading is audited."""

    orders: OrderReads
    tokens: OrderTokens
    staff_reads: StaffReads

    async def owned(self, order_id: UUID, reader: Reader, *, with_timeline: bool = False) -> Order:
        """Read an order that is the reader's own; ORDER_NOT_FOUND otherwise."""
        order = await self.orders.read(order_id, with_timeline=with_timeline)
        if not self.owns(order, reader):
            raise OrderNotFoundError(order_id)
        return order

    async def visible(
        self, order_id: UUID, reader: Reader, *, with_timeline: bool = False
    ) -> Order:
        """Read an order that the reader may see; ORDER_NOT_FOUND otherwise."""
        order = await self.orders.read(order_id, with_timeline=with_timeline)
        await self.must_see(OrderOwner.of(order), reader)
        return order

    async def must_see(self, owner: OrderOwner, reader: Reader) -> None:
        """Raise ORDER_NOT_FOUND for an order that the reader may not see."""
        if self._owns(owner, reader):
            return
        if reader.staff is None or not reader.staff.acts_for(owner.cinema_id):
            raise OrderNotFoundError(owner.order_id)
        await self.staff_reads.note(reader.staff, READ_ORDER, [str(owner.order_id)])

    def owns(self, order: Order, reader: Reader) -> bool:
        """Whether it is the reader's own, by account, by session or by the order's token."""
        return self._owns(OrderOwner.of(order), reader)

    def _owns(self, owner: OrderOwner, reader: Reader) -> bool:
        if owner.account_id is not None:
            return owner.account_id == reader.account_id
        return owner.owner == reader.principal or (
            bool(reader.order_token) and self.tokens.opens(owner.order_id, reader.order_token)
        )
