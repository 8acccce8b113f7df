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
        if order.state not in _WAS_CONFIRMED:
            await orders.save_confirmed(order, self.issue(order))

    def issue(self, order: Order) -> Sequence[Ticket]:
        """Confirm an order whose legs are all done, and make its tickets; nothing is stored."""
        tickets = [self._ticket(order, position) for position in range(1, len(order.lines) + 1)]
        order.confirm(tickets)
        return tickets

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
class Captured:
    """That the money of an order's attempt was taken, as payment tells it."""

    order_id: UUID
    attempt: int
    amount: Money


@dataclass(frozen=True, slots=True)
class ConfirmPayments:
    """Take over that payments were captured, inside the transaction that consumes the events.

    Only our own grant and the exact amount count. What a repeat brings is known already. Nothing
    is locked: who moves an order meanwhile makes the events come again. One reading and one write
    are for all of them, so that one which cannot be confirmed makes all of them fail.
    """

    confirm: ConfirmOrder

    async def __call__(self, orders: LockedOrders, captured: Sequence[Captured]) -> None:
        found = await orders.read_all([each.order_id for each in captured])
        moved: dict[UUID, tuple[Order, Sequence[Ticket]]] = {}
        for each in captured:
            order = found[each.order_id]
            if order.state not in _WAS_CONFIRMED:
                moved[order.id] = order, self._take_over(order, each)
        if moved:
            await orders.save_all(list(moved.values()))

    def _take_over(self, order: Order, captured: Captured) -> Sequence[Ticket]:
        order.payment_captured(captured.attempt, captured.amount)
        step = next_step(order)
        is_paid = step is not None and step.kind is StepKind.CONFIRM
        return self.confirm.issue(order) if is_paid else ()


@dataclass(frozen=True, slots=True)
class FailPayment:
    """Take over that an attempt ended without money, inside the consuming transaction."""

    async def __call__(self, orders: LockedOrders, order_id: UUID, attempt: int) -> None:
        order = await orders.read_locked(order_id)
        if order.payment_failed(attempt, "DECLINED"):
            await orders.save(order)
