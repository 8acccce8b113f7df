"""Answer a request whose order was moved on by somebody else meanwhile."""

from uuid import UUID

from services.booking.domain.order import Order
from services.booking.use_cases.order_ports import OrderStore, OrderTransactions
from services.common.requests import RequestKey


async def answer_moved(
    orders: OrderStore, transactions: OrderTransactions, order_id: UUID, key: RequestKey
) -> Order:
    """Give the order as a worker, or another call, has left it, and store that as the answer."""
    moved = await orders.read(order_id, with_timeline=True)
    async with transactions() as tx:
        await tx.store(key, moved)
        await tx.commit()
    return moved
