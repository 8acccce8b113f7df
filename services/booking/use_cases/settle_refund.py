"""Take over what payment tells of a refund, inside the consuming transaction."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order, OrderMoveError
from services.booking.domain.order_leg import OrderLeg
from services.booking.use_cases.order_ports import LockedOrders


@dataclass(frozen=True, slots=True)
class SettleRefund:
    """Events may come twice and late: what is final stays so."""

    async def completed(self, orders: LockedOrders, order_id: UUID, refund_id: UUID) -> None:
        order = await orders.read_locked(order_id)
        if order.refund_completed(_leg(order, refund_id).name):
            await orders.save(order)

    async def failed(
        self, orders: LockedOrders, order_id: UUID, refund_id: UUID, failure_code: str
    ) -> None:
        order = await orders.read_locked(order_id)
        if order.refund_failed(_leg(order, refund_id).name, failure_code):
            await orders.save(order)

    async def keeps_failing(self, orders: LockedOrders, order_id: UUID) -> None:
        """Tell the buyer; only for what was given back, not for money that made no ticket."""
        order = await orders.read_locked(order_id)
        if order.refund_legs:
            order.refund_keeps_failing()
            await orders.save(order)


def _leg(order: Order, refund_id: UUID) -> OrderLeg:
    leg = order.find_refund(refund_id)
    if leg is None:
        raise OrderMoveError(f"order {order.id} has no refund {refund_id}")
    return leg
