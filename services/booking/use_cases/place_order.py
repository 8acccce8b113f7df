"""Place an order for a hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.booking.domain.channels import rules_of
from services.booking.domain.errors import HoldNotFoundError
from services.booking.domain.hold import Hold, HoldState
from services.booking.domain.order import AcceptedTerms, Contact, Order, OrderState
from services.booking.domain.order_errors import (
    AccountNeededError,
    ProviderUnavailableError,
    ScreeningChangedError,
    TermsNotAcceptedError,
    TermsOutdatedError,
    TooLittleTimeError,
)
from services.booking.domain.order_leg import LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import (
    PAYMENT_LEG,
    PlaceCover,
    PlaceTender,
    check_tenders,
    cover_seats,
    make_lines,
    money_due_of,
    places_leg,
    total_of,
)
from services.booking.domain.order_screening import ScreeningAsSold, moved_since
from services.booking.domain.order_steps import StepKind, next_step
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.voucher_tenders import (
    VoucherOption,
    VoucherTender,
    spread_vouchers,
)
from services.booking.use_cases.answer_moved import answer_moved
from services.booking.use_cases.end_order import RefuseOrder
from services.booking.use_cases.order_ports import (
    Answer,
    Kick,
    NewNumber,
    OrderStore,
    OrderTransactions,
)
from services.booking.use_cases.outage_ports import Outages
from services.booking.use_cases.perform_step import PerformStep
from services.booking.use_cases.ports import Cards, Holds, Screenings
from services.booking.use_cases.sell_seats import SellSeats
from services.booking.use_cases.voucher_ports import VoucherHolder, Vouchers
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.ids import new_id
from services.common.money import Money
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a buyer sends. `owner` is their principal, `account_id` None for a guest."""

    screening_id: UUID
    hold_id: UUID
    owner: str
    account_id: UUID | None
    contact: Contact
    terms_accepted: bool
    gtc_version: str
    otc_version: str
    tenders: tuple[PlaceTender, ...]
    return_url: str
    vouchers: tuple[VoucherTender, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tenders:
    """What pays before money does: seats that cards cover, and vouchers."""

    covers: Mapping[str, PlaceCover]
    vouchers: Sequence[VoucherOption]


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """Store the order with all its legs first; then reserve, open the payment, store the answer.

    A refusal on the way takes the order back and leaves the hold as it was. An unknown outcome
    leaves it PLACED, and the worker drives it on. A repeat of the request does the same work on,
    or gets the stored answer.
    """

    holds: Holds
    screenings: Screenings
    cards: Cards
    vouchers: Vouchers
    outages: Outages
    orders: OrderStore
    transactions: OrderTransactions
    perform: PerformStep
    sell_seats: SellSeats
    refuse: RefuseOrder
    new_number: NewNumber
    kick: Kick

    async def __call__(self, purchase: Purchase, key: RequestKey) -> Order:
        order = await self._place_for_seen(purchase, key)
        if order is None:
            hold = await self.holds.get(purchase.screening_id, purchase.hold_id)
            if hold.owner != purchase.owner:
                raise HoldNotFoundError(purchase.hold_id)
            order = await self._place(hold, purchase, key)
        if order is None or not order.version:
            needs_money = order is not None and bool(order.money_due)
            order = await self._placed_before(purchase, key, needs_money=needs_money)
        return await self._open(order, key)

    async def _place_for_seen(self, purchase: Purchase, key: RequestKey) -> Order | None:
        """Place it for the hold as this process made it, which the write proves; else None.

        Only when nobody else is to be asked. A refusal may come of the hold's age: it counts when
        the hold was read.
        """
        hold = self.holds.recall(purchase.hold_id)
        if hold is None or hold.owner != purchase.owner or purchase.tenders or purchase.vouchers:
            return None
        try:
            order = await self._place(hold, purchase, key)
        except DomainError:
            return None
        return order if order is not None and order.version else None

    async def _place(self, hold: Hold, purchase: Purchase, key: RequestKey) -> Order | None:
        """Give the order, without a version when it could not be placed; None: by its hold's state."""
        if hold.visible_state is not HoldState.ACTIVE:
            return None
        hold.must_be_orderable()
        _must_accept_terms(hold, purchase)
        facts = await self.screenings.facts(purchase.screening_id)
        if moved_since(hold, facts):
            raise ScreeningChangedError(purchase.screening_id)
        covers = await self._covers(hold, facts, purchase)
        vouchers = await self._vouchers(hold, facts, purchase)
        order = _new_order(
            hold, facts, purchase, _Tenders(covers, vouchers), key, self.new_number()
        )
        if order.money_due and (wait_ms := await self.outages.wait_ms(order.currency)):
            raise ProviderUnavailableError(retry_after_ms=wait_ms)
        seconds = order.policy.min_payment_seconds if order.money_due else 0
        await self.orders.place(order, key, timedelta(seconds=seconds), hold_changes=hold.changes)
        return order

    async def _covers(
        self, hold: Hold, facts: ScreeningFacts, purchase: Purchase
    ) -> Mapping[str, PlaceCover]:
        if not purchase.tenders:
            return {}
        if purchase.account_id is None:
            raise AccountNeededError
        check_tenders(hold.seat_ids, purchase.tenders)
        return cover_seats(
            purchase.tenders, await self.cards.eligible(purchase.account_id, facts, hold)
        )

    async def _vouchers(
        self, hold: Hold, facts: ScreeningFacts, purchase: Purchase
    ) -> list[VoucherOption]:
        return [
            await self.vouchers.find(
                tender,
                VoucherHolder(purchase.owner, purchase.contact.ip_address, purchase.account_id),
                facts,
                hold.terms.currency,
            )
            for tender in purchase.vouchers
        ]

    async def _placed_before(
        self, purchase: Purchase, key: RequestKey, *, needs_money: bool
    ) -> Order:
        """Give the order of an earlier call with this request; else say why there is none."""
        async with self.transactions() as tx:
            claim = await tx.claim(key, new_id())
            # Not committed: a claim that is new is given back.
        if not claim.is_new:
            return await self.orders.read(claim.order_id, with_timeline=True)
        hold = await self.holds.get(purchase.screening_id, purchase.hold_id)
        hold.must_be_live()
        min_payment_seconds = hold.terms.policy.min_payment_seconds
        if needs_money and hold.time_left < timedelta(seconds=min_payment_seconds):
            raise TooLittleTimeError(min_payment_seconds)
        raise ConcurrentChangeError

    async def _open(self, order: Order, key: RequestKey) -> Order:
        try:
            while order.state is OrderState.PLACED and (step := next_step(order)) is not None:
                if step.kind is StepKind.SELL_SEATS:
                    sold = await self.sell_seats(order, key)
                    self.kick(order.id)
                    return sold
                if not await self.perform(order, step):
                    break
        except ConcurrentChangeError:
            raise
        except DomainError as refusal:
            if await self.refuse(order, refusal):
                raise
            return await answer_moved(self.orders, self.transactions, order.id, key)
        return await self._answer(order, Answer(key, order))

    async def _answer(self, order: Order, answer: Answer) -> Order:
        try:
            await self.orders.save(order, answer)
        except ConcurrentChangeError:
            return await answer_moved(self.orders, self.transactions, order.id, answer.key)
        return order


def _must_accept_terms(hold: Hold, purchase: Purchase) -> None:
    if not rules_of(hold.channel, hold.terms.policy).needs_acceptance:
        return
    if not purchase.terms_accepted:
        raise TermsNotAcceptedError
    terms = hold.terms
    if (purchase.gtc_version, purchase.otc_version) != (terms.gtc_version, terms.otc_version):
        raise TermsOutdatedError(terms.gtc_version, terms.otc_version)


def _new_order(
    hold: Hold,
    facts: ScreeningFacts,
    purchase: Purchase,
    tenders: _Tenders,
    key: RequestKey,
    number: str,
) -> Order:
    terms = hold.terms
    lines = make_lines(hold.seats, tenders.covers, fee_on_places=terms.fee_on_places)
    lines, voucher_legs = spread_vouchers(lines, tenders.vouchers)
    money_due = money_due_of(lines, terms.currency)
    return Order(
        id=new_id(),
        screening_id=purchase.screening_id,
        hold_id=purchase.hold_id,
        number=number,
        owner=purchase.owner,
        account_id=purchase.account_id,
        channel=hold.channel,
        state=OrderState.PLACED,
        lines=lines,
        legs=_legs(purchase, tenders.covers, voucher_legs, money_due),
        currency=terms.currency,
        total=total_of(lines, terms.currency),
        money_due=money_due,
        terms=AcceptedTerms(terms.gtc_version, terms.otc_version, hold.read_at),
        policy=terms.policy,
        screening=ScreeningAsSold.of(facts),
        contact=purchase.contact,
        created_at=hold.read_at,
        expires_at=hold.expires_at,
        read_at=hold.read_at,
        return_url=purchase.return_url,
        request_id=key.request_id,
        promotion=terms.promotion,
    )


def _legs(
    purchase: Purchase,
    covers: Mapping[str, PlaceCover],
    voucher_legs: Sequence[OrderLeg],
    money_due: Money,
) -> list[OrderLeg]:
    legs = [
        OrderLeg(
            name=places_leg(number),
            kind=LegKind.PLACES,
            state=LegState.PENDING,
            attempt=1,
            card_id=tender.card_id,
            seat_ids=tender.seat_ids,
            holder_checked=any(covers[seat_id].holder_checked for seat_id in tender.seat_ids),
        )
        for number, tender in enumerate(purchase.tenders, start=1)
    ]
    legs.extend(voucher_legs)
    if money_due:
        payment = OrderLeg(PAYMENT_LEG, LegKind.PAYMENT, LegState.PENDING, 1, amount=money_due)
        legs.append(payment)
    return legs
