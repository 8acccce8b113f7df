"""Send a confirmation again."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.resending import ResendLimit, send_again
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import OrderTransactions, Reader, Retry
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class ResendConfirmation:
    """Queue the confirmation once more for each request, to the address that is known now.

    It is another e-mail with the same order, tickets and codes: mail programs would hide a second
    one of the same Message-ID.
    """

    access: OrderAccess
    transactions: OrderTransactions
    limit: ResendLimit
    retry: Retry

    async def __call__(self, order_id: UUID, reader: Reader, key: RequestKey) -> Order:
        await self.access.visible(order_id, reader)

        async def resend() -> Order:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                await tx.orders.lock(order_id)
                order = await tx.orders.read(order_id, with_timeline=True)
                send_again(order, self.limit)
                await tx.orders.save(order)
                await tx.queue_confirmation(order, key.request_id)
                await tx.store(key, order)
                await tx.commit()
                return order

        return await self.retry(resend)
