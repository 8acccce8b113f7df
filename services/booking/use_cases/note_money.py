"""Write into an order's story what became of money that made no ticket."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.order_ports import LockedOrders
from services.common.money import Money


@dataclass(frozen=True, slots=True)
class NoteSetAside:
    """Take over that payment put an attempt aside: it makes no ticket and goes back whole."""

    async def __call__(
        self, orders: LockedOrders, order_id: UUID, attempt: int, cause: str
    ) -> None:
        order = await orders.read_locked(order_id)
        order.payment_set_aside(attempt, cause)
        await orders.save(order)


@dataclass(frozen=True, slots=True)
class NoteRefund:
    """Take over that such money is back where it came from."""

    async def __call__(self, orders: LockedOrders, order_id: UUID, amount: Money) -> None:
        order = await orders.read_locked(order_id)
        order.note("PAYMENT_REFUNDED", f"{amount.minor_units} {amount.currency}")
        await orders.save(order)
