"""Cancel a whole order at the box office, for a buyer who came with a ticket and a signed form."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.cancellation import CancelCause
from services.booking.domain.order import Order
from services.booking.domain.remedy_rules import must_present_ticket
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.staff import Staff
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.cancel_order import cancel_in_time
from services.booking.use_cases.end_order import lock_order
from services.booking.use_cases.order_ports import (
    Kick,
    OrderStore,
    OrderTransactions,
    OrderTx,
    Retry,
)
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Presented:
    """What a buyer brings: the code of one of the order's tickets, and the form they signed."""

    order_id: UUID
    qr_payload: bytes
    form_reference: str


@dataclass(frozen=True, slots=True)
class CancelAtBoxOffice:
    """The same two hours and the same giving back as online, by staff of that cinema; audited.

    What a till took is paid out here, by the tender that it was taken with.
    """

    orders: OrderStore
    screenings: DoorScreenings
    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(
        self, staff: Staff, presented: Presented, key: RequestKey, *, whole_order: bool
    ) -> Order:
        known, facts = await self._known(staff, presented)

        async def cancel() -> Order:
            async with self.transactions() as tx:
                await tx.claim(key, known.id)
                order = await _cancelled(tx, known, facts, presented, whole_order=whole_order)
                await tx.store(key, order)
                await tx.audit.add(staff, "CancelOrder", str(order.id), presented.form_reference)
                await tx.commit()
            return order

        cancelled = await self.retry(cancel)
        self.kick(known.id)
        return cancelled

    async def preview(self, staff: Staff, presented: Presented) -> Order:
        """Judge as the call would and change nothing."""
        known, facts = await self._known(staff, presented)
        async with self.transactions() as tx:
            return await _cancelled(tx, known, facts, presented, whole_order=True)

    async def _known(self, staff: Staff, presented: Presented) -> tuple[Order, ScreeningFacts]:
        order, tickets = await self.orders.read_with_tickets(presented.order_id)
        staff.must_act_for(order.screening.cinema_id)
        must_present_ticket(order, tickets, presented.qr_payload)
        return order, await self.screenings.facts(order.screening_id)


async def _cancelled(
    tx: OrderTx, known: Order, facts: ScreeningFacts, presented: Presented, *, whole_order: bool
) -> Order:
    order = await lock_order(tx, known.screening_id, known.id)
    await cancel_in_time(
        tx,
        order,
        facts,
        CancelCause.BOX_OFFICE,
        whole_order=whole_order,
        form_reference=presented.form_reference,
    )
    if order.paid_out_at_till():
        await tx.orders.save(order)
    return order
