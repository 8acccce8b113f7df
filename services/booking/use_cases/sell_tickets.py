"""Sell seats at the counter, for money that the till has taken."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from services.booking.domain.channels import Channel
from services.booking.domain.hold import Hold
from services.booking.domain.order import AcceptedTerms, Contact, Order, OrderState
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg, TillReceipt
from services.booking.domain.order_lines import PAYMENT_LEG, make_lines, total_of
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seat_wish import Wish
from services.booking.domain.staff import Staff
from services.booking.domain.ticket import Ticket
from services.booking.domain.ticket_choice import TicketCount
from services.booking.use_cases.confirm_order import ConfirmOrder
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.order_ports import NewNumber, OrderStore, OrderTransactions
from services.booking.use_cases.ports import Holds, Screenings
from services.booking.use_cases.sell_seats import SellSeats
from services.common.errors import ConcurrentChangeError, RepeatedRequest
from services.common.ids import new_id
from services.common.money import Money
from services.common.requests import RequestKey

HOLD_METHOD = "/cinema.booking.v1.BookingService/HoldSeats"
NOBODY = Contact("", "", "", "")


@dataclass(frozen=True, slots=True)
class TillSale:
    """What is sold, and the receipt of the till that took the money."""

    screening_id: UUID
    seat_ids: Sequence[str]
    tickets: Sequence[TicketCount]
    receipt: TillReceipt


@dataclass(frozen=True, slots=True)
class SoldTickets:
    """The order and its tickets."""

    order: Order
    tickets: Sequence[Ticket]


@dataclass(frozen=True, slots=True)
class SellTickets:
    """Hold, order and confirm in one call: no fee, no online rules, tickets valid at once; audited.

    Each step is stored before the next: a repeat of the request, or the worker, goes on from there.
    """

    hold_seats: HoldSeats
    holds: Holds
    screenings: Screenings
    orders: OrderStore
    transactions: OrderTransactions
    sell_seats: SellSeats
    confirm: ConfirmOrder
    new_number: NewNumber

    async def __call__(self, staff: Staff, sale: TillSale, key: RequestKey) -> SoldTickets:
        earlier = await self._placed_before(key)
        facts = await self.screenings.facts(sale.screening_id)
        staff.must_act_for(facts.cinema_id)
        order = earlier or await self._place(sale, facts, key)
        if order.state is OrderState.PLACED:
            order = await self.sell_seats(order)
        if order.state is OrderState.COMPLETING:
            await self.confirm(self.orders, order)
        sold = SoldTickets(*await self.orders.read_with_tickets(order.id))
        async with self.transactions() as tx:
            await tx.claim(key, order.id)
            await tx.store(key, sold)
            after = (sale.seat_ids, sale.receipt)
            await tx.audit.add(staff, "SellTickets", str(order.id), after)
            await tx.commit()
        return sold

    async def _placed_before(self, key: RequestKey) -> Order | None:
        """Give the order of an earlier call with this request that was not answered."""
        async with self.transactions() as tx:
            claim = await tx.claim(key, new_id())
            # Not committed: a claim that is new is given back.
        return None if claim.is_new else await self.orders.read(claim.order_id)

    async def _place(self, sale: TillSale, facts: ScreeningFacts, key: RequestKey) -> Order:
        hold = await self._hold(sale, key)
        order = _new_order(hold, facts, sale.receipt, key, self.new_number())
        if not await self.orders.place(order, key, timedelta(0), hold_changes=hold.changes):
            raise ConcurrentChangeError
        return order

    async def _hold(self, sale: TillSale, key: RequestKey) -> Hold:
        wish = Wish(
            screening_id=sale.screening_id,
            owner=key.principal,
            channel=Channel.BOX_OFFICE,
            seat_ids=sale.seat_ids,
            tickets=sale.tickets,
        )
        hold_key = replace(key, method=HOLD_METHOD, pack=lambda hold: hold.id.bytes)
        try:
            return await self.hold_seats(wish, hold_key)
        except RepeatedRequest as repeated:
            return await self.holds.get(sale.screening_id, UUID(bytes=repeated.answer))


def _new_order(
    hold: Hold, facts: ScreeningFacts, receipt: TillReceipt, key: RequestKey, number: str
) -> Order:
    terms = hold.terms
    nothing = Money.zero(terms.currency)
    seats = [replace(seat, service_fee=nothing) for seat in hold.seats]
    lines = make_lines(seats, {}, fee_on_places=False)
    total = total_of(lines, terms.currency)
    till = OrderLeg(PAYMENT_LEG, LegKind.TILL, LegState.PENDING, 1, amount=total, till=receipt)
    return Order(
        id=new_id(),
        screening_id=hold.screening_id,
        hold_id=hold.id,
        number=number,
        owner=hold.owner,
        account_id=None,
        channel=hold.channel,
        state=OrderState.PLACED,
        lines=lines,
        legs=[till] if total else [],
        currency=terms.currency,
        total=total,
        money_due=total,
        terms=AcceptedTerms(terms.gtc_version, terms.otc_version, hold.read_at),
        policy=terms.policy,
        screening=ScreeningAsSold.of(facts),
        contact=NOBODY,
        created_at=hold.read_at,
        expires_at=hold.expires_at,
        read_at=hold.read_at,
        return_url="",
        request_id=key.request_id,
        promotion=terms.promotion,
    )
