"""What staff of a cinema do about remedies: give one over the counter, approve or decline one."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order
from services.booking.domain.remedy import RemedyState
from services.booking.domain.remedy_errors import RemedyNotAwaitingError
from services.booking.domain.remedy_rules import RemedyWish, must_present_ticket
from services.booking.domain.staff import Staff
from services.booking.use_cases.end_order import lock_order
from services.booking.use_cases.give_remedy import GiveDueRemedy, carry_out, ending_unless_used
from services.booking.use_cases.order_ports import Kick, OrderStore, Retry
from services.booking.use_cases.remedy_ports import RemedyTransactions, RemedyTx
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class GiveRemedy:
    """Give what is due to whoever brings a ticket of the order and signs the form.

    ORDER_NOT_FOUND, WRONG_CINEMA, TICKET_NOT_PRESENTED, and what `GiveDueRemedy` refuses with.
    """

    orders: OrderStore
    give: GiveDueRemedy

    async def __call__(
        self, staff: Staff, order_id: UUID, qr_payload: bytes, wish: RemedyWish, key: RequestKey
    ) -> Order:
        known, tickets = await self.orders.read_with_tickets(order_id)
        staff.must_act_for(known.screening.cinema_id)
        must_present_ticket(known, tickets, qr_payload)

        async def claim(tx: RemedyTx) -> None:
            await tx.claim(key, order_id)

        async def store(tx: RemedyTx, order: Order) -> None:
            await tx.store(key, order)
            await tx.audit.add(staff, "GiveRemedy", str(order_id), wish)

        return await self.give(known, wish, claim, store)


@dataclass(frozen=True, slots=True)
class ApproveRemedy:
    """Approve or decline a remedy for what is not the cinema's doing; each once.

    WRONG_CINEMA, ORDER_NOT_FOUND, REMEDY_NOT_AWAITING_APPROVAL.
    """

    orders: OrderStore
    transactions: RemedyTransactions
    kick: Kick
    retry: Retry

    async def __call__(
        self, staff: Staff, order_id: UUID, reason: str, key: RequestKey, *, approved: bool
    ) -> Order:
        known = await self.orders.read(order_id)
        staff.must_act_for(known.screening.cinema_id)
        cause = known.remedy.cause if known.remedy is not None else None

        async def settle(*, ends_order: bool) -> Order:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                order = await lock_order(tx, known.screening_id, order_id)
                if order.remedy is None or order.remedy.state is not RemedyState.AWAITING_APPROVAL:
                    raise RemedyNotAwaitingError(order_id)
                if approved:
                    await carry_out(tx, order, order.approve_remedy(), ends_order=ends_order)
                else:
                    order.decline_remedy()
                    await tx.orders.save(order)
                await tx.store(key, order)
                await tx.audit.add(staff, "ApproveRemedy", str(order_id), (approved, reason))
                await tx.commit()
            return order

        order = await ending_unless_used(settle, cause, self.retry)
        self.kick(order_id)
        return order
