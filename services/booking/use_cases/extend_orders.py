"""Lengthen the orders that are being paid while the provider does not answer."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.booking.use_cases.end_order import lock_order
from services.booking.use_cases.order_ports import OrderStore, OrderTransactions, Retry

MAX_ORDERS_PER_ROUND = 100


@dataclass(frozen=True, slots=True)
class ExtendOrders:
    """Lengthen each by the same bounded time, once for ever, under its board's lock.

    Order, hold and seats get the new deadline together. Whether the outage lasts, and the deadline
    is not over yet, is asked under the lock: late and repeated news lengthen nothing.
    """

    orders: OrderStore
    transactions: OrderTransactions
    extension: timedelta
    retry: Retry

    async def __call__(self) -> int:
        """Do it for those that are known now; tells how many were lengthened."""
        if not self.extension:
            return 0
        hit = await self.orders.list_hit_by_outage(MAX_ORDERS_PER_ROUND)
        return sum([await self._extend(*each) for each in hit])

    async def _extend(self, screening_id: UUID, order_id: UUID) -> bool:
        async def extend() -> bool:
            async with self.transactions() as tx:
                order = await lock_order(tx, screening_id, order_id)
                since = await tx.outage_since(order.currency)
                if since is None or not order.extend(self.extension, outage_since=since):
                    return False
                if not await tx.board.extend(screening_id, order.hold_id, self.extension):
                    return False
                await tx.orders.save_extended(order)
                await tx.commit()
            return True

        return await self.retry(extend)
