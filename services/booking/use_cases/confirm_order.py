"""Confirm an order: everything is paid, so there are tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_steps import StepKind, next_step
from services.booking.domain.ticket import Ticket, ticket_number
from services.booking.use_cases.order_ports import LockedOrders, OrderWrites, TicketSigner
from services.common.ids import new_id
from services.common.money import Money

_WAS_CONFIRMED = {OrderState.CONFIRMED, OrderState.CANCELLED}


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """Issue the tickets, tell the others, queue the e-mail: one statement, once for each order."""

    signer: TicketSigner

    async def __call__(self, orders: OrderWrites, order: Order) -> None:
        """Confirm an order whose legs are all done; one that is or was confirmed stays as it is."""
        if order.state in _WAS_CONFIRMED:
            return
        tickets = self._tickets(order)
        order.confirm(tickets)
        await orders.save_confirmed(order, tickets)

    def _tickets(self, order: Order) -> Sequence[Ticket]:
        return [self._ticket(order, position) for position in range(1, len(order.lines) + 1)]

    def _ticket(self, order: Order, position: int) -> Ticket:
        line = order.lines[position - 1]
        place, ticket_id = order.place_of(line), new_id()
        return Ticket(
            id=ticket_id,
            number=ticket_number(order.number, position),
            seat_id=place.seat_id,
            row_name=place.row_name,
            seat_number=place.seat_number,
            ticket_type=line.ticket_type,
            proof=line.proof,
            qr_payload=self.signer.payload(ticket_id, order.screening_id),
            created_at=order.read_at,
            holder_checked=order.is_holder_checked(line.seat_id),
        )


@dataclass(frozen=True, slots=True)
class ConfirmPayment:
    """Take over that a payment was captured, inside the transaction that consumes the event.

    Only our own grant and the exact amount count. What a repeat brings is known already. Nothing
    is locked: who moves the order meanwhile makes the event come again.
    """

    confirm: ConfirmOrder

    async def __call__(
        self, orders: LockedOrders, order_id: UUID, attempt: int, amount: Money
    ) -> None:
        order = await orders.read(order_id)
        if order.state in _WAS_CONFIRMED:
            return
        order.payment_captured(attempt, amount)
        step = next_step(order)
        if step is not None and step.kind is StepKind.CONFIRM:
            await self.confirm(orders, order)
        else:
            await orders.save(order)


@dataclass(frozen=True, slots=True)
class FailPayment:
    """Take over that an attempt ended without money, inside the consuming transaction."""

    async def __call__(self, orders: LockedOrders, order_id: UUID, attempt: int) -> None:
        order = await orders.read_locked(order_id)
        if order.payment_failed(attempt, "DECLINED"):
            await orders.save(order)
