"""Give an unpaid order up."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.use_cases.end_order import free_seats, lock_order
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Kick, OrderTransactions, Reader, Retry
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class AbandonOrder:
    """Free the seats at once and refuse any later authorisation, under the board's lock."""

    access: OrderAccess
    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, order_id: UUID, reader: Reader, key: RequestKey) -> Order:
        order = await self.access.owned(order_id, reader, with_timeline=True)
        timeline = order.timeline

        async def abandon() -> Order:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                order = await lock_order(tx, screening_id, order_id)
                order.timeline = list(timeline)
                if order.abandon():
                    await free_seats(tx, order)
                    await tx.orders.save(order)
                await tx.store(key, order)
                await tx.commit()
            return order

        screening_id = order.screening_id
        abandoned = await self.retry(abandon)
        self.kick(order_id)
        return abandoned
