"""One cancellation that something happens to, and how it must have ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
from cinema.booking.v1 import order_pb2, ticket_pb2

from deploy.demo.buyer import Buyer
from deploy.demo.stage import until
from deploy.local.mailbox import list_mails
from tests.faults.patience import persist
from tests.faults.striking import Striking
from tests.faults.suite import Suite
from tests.faults.verdict import CARD_PLACES, card_of
from tests.faults.watch import Watch

Order = order_pb2.Order
Leg = order_pb2.OrderLeg
MAX_WAIT_FOR_END_S = 120.0
_FINAL_LEGS = {
    Leg.KIND_PAYMENT: Leg.STATE_DONE,
    Leg.KIND_REFUND: Leg.STATE_DONE,
    Leg.KIND_PLACES: Leg.STATE_UNDONE,
    Leg.KIND_VOUCHER: Leg.STATE_UNDONE,
}
_MAILS = {"Cancelled": 1, "Your money is back": 1}


@dataclass(frozen=True)
class Sold:
    """A mixed order that is confirmed: a seat by a place of the card, the others by money."""

    buyer: Buyer
    card_id: str
    order: Order


async def sell(suite: Suite) -> Sold:
    """Sell two seats in peace, one of them for a place."""
    buyer, card_id = await suite.buyer_with_card("Return")
    sale, request_id = suite.next_sale(), str(uuid4())
    # Its process may have been killed for the order before, and its channel not know that it is back.
    hold = await persist(lambda: buyer.hold(sale.screening_id, sale.seats, request_id=request_id))
    order = await buyer.place(hold, {card_id: sale.seats[:1]})
    await buyer.on_page(order, "pay")
    order = await buyer.await_state(order.id, order_pb2.Order.STATE_CONFIRMED)
    return Sold(buyer, card_id, order)


@dataclass
class Cancelling(Striking):
    """Cancels patiently while `strike` happens at `step`. Use it once."""

    async def cancel(self, sold: Sold) -> Order:
        """Cancel, and wait until each leg is final."""
        buyer, order_id, request_id = sold.buyer, sold.order.id, str(uuid4())
        async with Watch(self.suite, order_id=order_id) as self._watch:
            await self._at("CancelOrder", lambda: buyer.cancel(order_id, request_id=request_id))

        async def is_over() -> Order | None:
            latest = await persist(lambda: buyer.order(order_id))
            return latest if _is_final(latest) else None

        what = f"everything back of order {order_id}"
        order: Order = await until(is_over, what=what, timeout_s=MAX_WAIT_FOR_END_S)
        return order


async def judge_return(suite: Suite, sold: Sold, order: Order) -> None:
    """See that each part is back once, to the minor unit, and the fee kept; AssertionError."""
    buyer, due = sold.buyer, refundable_money(order)
    provided = await suite.provider_orders_of(order.id)
    given = [(int(each["refunded"]), int(each["refund_pending"])) for each in provided]
    assert sum(refunded for refunded, _ in given) == due, f"{order.id}: {given}, due {due}"
    assert not any(pending for _, pending in given), f"{order.id}: {given}"
    card = await card_of(buyer, sold.card_id)
    assert (card.places_left, card.places_reserved) == (CARD_PLACES, 0), f"{order.id}: {card}"
    tickets = await persist(lambda: buyer.tickets(order.id))
    states = {ticket.state for ticket in tickets}
    assert states == {ticket_pb2.Ticket.STATE_CANCELLED}, f"{order.id}: {states}"
    try:
        await until(lambda: _told(suite, buyer), what="the e-mails", timeout_s=MAX_WAIT_FOR_END_S)
    except TimeoutError as error:
        raise AssertionError(f"{order.id}: {await _queued(suite, order.id)}") from error


def refundable_money(order: Order) -> int:
    """Add up what was paid in money and goes back, by the order's own allocation."""
    return sum(
        share.amount.minor_units
        for line in order.lines
        for share in line.allocations
        if share.leg == "payment" and share.refundable
    )


def _is_final(order: Order) -> bool:
    is_back = all(leg.state == _FINAL_LEGS[leg.kind] for leg in order.legs)
    return order.state == Order.STATE_CANCELLED and is_back


async def _queued(suite: Suite, order_id: str) -> list[str]:
    """Read what the queue says of an order's e-mails."""
    booking = await asyncpg.connect(suite.database("booking"))
    try:
        rows = await booking.fetch(
            "SELECT kind, attempts, send_time, next_attempt_time - now() AS due_in, last_problem"
            " FROM mail WHERE facts ->> 'order_id' = $1",
            order_id,
        )
    finally:
        await booking.close()
    return [str(dict(row)) for row in rows]


async def _told(suite: Suite, buyer: Buyer) -> bool:
    """Whether each e-mail is there; one that came twice has the same Message-ID."""
    folder = Path(suite.stack.record.files["mail"])
    subjects = {mail.message_id: mail.subject for mail in list_mails(folder, buyer.email)}
    counted = Counter(subject.partition(":")[0] for subject in subjects.values())
    assert all(number == 1 for number in counted.values()), f"{buyer.email}: {counted}"
    return all(counted[subject] for subject in _MAILS)
