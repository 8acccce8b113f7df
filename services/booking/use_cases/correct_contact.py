"""Correct who bought an order."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.contact_correction import correct_contact
from services.booking.domain.order import Contact, Order
from services.booking.domain.resending import ResendLimit, send_again
from services.booking.use_cases.complaint_ports import DeskTransactions
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import Reader, Retry
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class CorrectContact:
    """Replace the contact and, if asked, queue the confirmation again: one transaction.

    Whoever of the staff corrects one is audited. ORDER_NOT_FOUND, CONTACT_ERASED, and what
    `send_again` refuses.
    """

    access: OrderAccess
    transactions: DeskTransactions
    limit: ResendLimit
    retry: Retry

    async def __call__(
        self,
        order_id: UUID,
        contact: Contact,
        reader: Reader,
        key: RequestKey,
        *,
        resend: bool,
    ) -> Order:
        seen = await self.access.visible(order_id, reader)
        staff = None if self.access.owns(seen, reader) else reader.staff

        async def correct() -> Order:
            async with self.transactions() as tx:
                await tx.requests.claim(key)
                await tx.orders.lock(order_id)
                order = await tx.orders.read(order_id, with_timeline=True)
                is_changed = correct_contact(order, contact)
                if resend:
                    send_again(order, self.limit)
                if is_changed:
                    await tx.orders.save_contact(order)
                elif resend:
                    await tx.orders.save(order)
                if resend:
                    await tx.queue_confirmation(order, key.request_id)
                await tx.requests.store(key, order)
                if staff is not None:
                    await tx.audit.add(staff, "CorrectContact", str(order_id), contact)
                await tx.commit()
            return order

        return await self.retry(correct)
