"""What tests of booking's orders are made of: a wallet and a payment that keep their promises."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.booking.adapters.order_tokens import HmacOrderTokens
from services.booking.adapters.ticket_signer import Ed25519TicketSigner
from services.booking.domain.hold import Hold
from services.booking.domain.order import Contact, Order
from services.booking.domain.order_errors import (
    CardNotFoundError,
    PaymentStillOpenError,
    PlaceNotEligibleError,
    VoucherNotAcceptedError,
)
from services.booking.domain.order_leg import LegKind, OrderLeg
from services.booking.domain.order_lines import PlaceTender
from services.booking.domain.order_returns import refund_id_of
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.tenders import CardOption
from services.booking.domain.voucher_tenders import VoucherOption, VoucherTender
from services.booking.use_cases.payment_ports import (
    Cancelling,
    PaymentAnswer,
    PaymentState,
    RefundAnswer,
    RefundState,
)
from services.booking.use_cases.place_order import Purchase
from services.booking.use_cases.voucher_ports import VoucherHolder
from services.common.errors import DependencyUnavailableError
from services.common.money import Money
from services.common.requests import RequestKey

GUEST = "guest:somebody"
ACCOUNT_ID = UUID("0198c0de-0000-7000-8000-00000000a001")
ACCOUNT = f"account:{ACCOUNT_ID}"
TOKENS = HmacOrderTokens(b"a secret for tests, thirty-two bytes")
SIGNER = Ed25519TicketSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@dataclass
class Trouble:
    """Makes calls fail on purpose: `before` the work is done, or `after` it, without an answer."""

    before: dict[str, Exception] = field(default_factory=dict)
    after: dict[str, Exception] = field(default_factory=dict)
    once: bool = True

    def enter(self, call: str) -> None:
        self._raise(self.before, call)

    def leave(self, call: str) -> None:
        self._raise(self.after, call)

    def _raise(self, errors: dict[str, Exception], call: str) -> None:
        error = errors.pop(call, None) if self.once else errors.get(call)
        if error is not None:
            raise error


def lost(peer: str) -> DependencyUnavailableError:
    """What a client sees when nobody answers: whether the work was done is unknown."""
    return DependencyUnavailableError(peer)


@dataclass
class FakeWallet:
    """Cards with places, reserved and captured by (order, leg, attempt), each at most once.

    A voucher is a card whose places are minor units, and `codes` finds it.
    """

    places: dict[UUID, int] = field(default_factory=dict)
    owners: dict[UUID, UUID] = field(default_factory=dict)
    supplement_included: bool = False
    personal: set[UUID] = field(default_factory=set)
    reservations: dict[tuple[UUID, str, int], tuple[str, UUID, int]] = field(default_factory=dict)
    codes: dict[str, UUID] = field(default_factory=dict)
    points: dict[UUID, int] = field(default_factory=dict)
    graced: dict[tuple[UUID, str, int], bool] = field(default_factory=dict)
    trouble: Trouble = field(default_factory=Trouble)

    def issue(self, places: int, *, owner: UUID = ACCOUNT_ID) -> UUID:
        card_id = uuid4()
        self.places[card_id], self.owners[card_id] = places, owner
        return card_id

    async def eligible(
        self, account_id: UUID, facts: ScreeningFacts, hold: Hold
    ) -> list[CardOption]:
        await asyncio.sleep(0)
        self.trouble.enter("eligible")
        if not facts.cards_accepted:
            return []
        return [
            CardOption(
                card_id=card_id,
                product_name="Three places",
                masked_number="****1234",
                places_usable=self.places[card_id],
                supplement_due={seat.seat_id: self._due(seat.supplement) for seat in hold.seats},
                ineligible_reasons={},
                holder_checked=card_id in self.personal,
            )
            for card_id, owner in self.owners.items()
            if owner == account_id
        ]

    def issue_voucher(self, minor_units: int, code: str) -> UUID:
        voucher_id = uuid4()
        self.places[voucher_id], self.codes[code] = minor_units, voucher_id
        return voucher_id

    async def find(
        self, tender: VoucherTender, holder: VoucherHolder, facts: ScreeningFacts, currency: str
    ) -> VoucherOption:
        del holder, facts
        await asyncio.sleep(0)
        self.trouble.enter("find")
        voucher_id = tender.voucher_id or self.codes.get(tender.code)
        if voucher_id is None or not self.places.get(voucher_id):
            raise VoucherNotAcceptedError
        return VoucherOption(voucher_id, Money(currency, self.places[voucher_id]))

    async def reserve(self, order: Order, leg: OrderLeg) -> Mapping[str, Money]:
        await asyncio.sleep(0)
        self.trouble.enter("reserve")
        key = (order.id, leg.name, leg.attempt)
        card_id = leg.card_id or leg.voucher_id or uuid4()
        if key not in self.reservations:
            self._reserve(order, leg, card_id)
        elif self.reservations[key][0] == "RELEASED":
            if leg.kind is LegKind.VOUCHER:
                raise VoucherNotAcceptedError
            raise PlaceNotEligibleError(card_id, leg.seat_ids[0], "RESERVATION_RELEASED")
        self.trouble.leave("reserve")
        return {
            line.seat_id: self._due(line.supplement)
            for line in order.lines
            if line.seat_id in leg.seat_ids
        }

    async def capture(self, order_id: UUID, leg: OrderLeg) -> None:
        self.trouble.enter("capture_places")
        await self._end(order_id, leg, {"RESERVED", "CAPTURED"}, "CAPTURED")
        self.trouble.leave("capture_places")

    async def release(self, order_id: UUID, leg: OrderLeg) -> None:
        self.trouble.enter("release")
        key = (order_id, leg.name, leg.attempt)
        state, card_id, count = self.reservations.get(key, ("RELEASED", uuid4(), 0))
        if state == "RESERVED":
            self.places[card_id] += count
        if state != "CAPTURED":
            self.reservations[key] = ("RELEASED", card_id, count)
        self.trouble.leave("release")

    async def restore(self, order: Order, leg: OrderLeg) -> None:
        self.trouble.enter("restore")
        key = (order.id, leg.name, leg.attempt)
        self.graced[key] = order.returned_by_cinema
        if self.reservations[key][0] == "CAPTURED":
            self.places[self.reservations[key][1]] += self.reservations[key][2]
        await self._end(order.id, leg, {"CAPTURED", "RESTORED"}, "RESTORED")
        self.trouble.leave("restore")

    async def of_order(self, order_id: UUID) -> int:
        await asyncio.sleep(0)
        self.trouble.enter("points")
        return self.points.get(order_id, 0)

    def state_of(self, order: Order, leg: str = "places-1") -> str:
        return self.reservations[(order.id, leg, 1)][0]

    def _reserve(self, order: Order, leg: OrderLeg, card_id: UUID) -> None:
        if leg.kind is LegKind.VOUCHER:
            self._take(order, leg, card_id, leg.amount.minor_units if leg.amount else 0)
            return
        if self.owners.get(card_id) != order.account_id:
            raise CardNotFoundError(card_id)
        if self.places[card_id] < len(leg.seat_ids):
            raise PlaceNotEligibleError(card_id, leg.seat_ids[0], "NO_PLACES_LEFT")
        self._take(order, leg, card_id, len(leg.seat_ids))

    def _take(self, order: Order, leg: OrderLeg, card_id: UUID, count: int) -> None:
        if self.places[card_id] < count:
            raise VoucherNotAcceptedError
        self.places[card_id] -= count
        self.reservations[(order.id, leg.name, leg.attempt)] = ("RESERVED", card_id, count)

    async def _end(self, order_id: UUID, leg: OrderLeg, allowed: set[str], state: str) -> None:
        await asyncio.sleep(0)
        key = (order_id, leg.name, leg.attempt)
        known, card_id, count = self.reservations[key]
        if known not in allowed:
            raise AssertionError(f"{key} is {known} and cannot become {state}")
        self.reservations[key] = (state, card_id, count)

    def _due(self, supplement: Money) -> Money:
        return Money.zero(supplement.currency) if self.supplement_included else supplement


@dataclass
class FakePayments:
    """One payment for each order, attempts of which one wins; captures only what was granted."""

    attempts: dict[UUID, dict[int, PaymentState]] = field(default_factory=dict)
    granted: set[tuple[UUID, int]] = field(default_factory=set)
    cancelled: set[UUID] = field(default_factory=set)
    spent: dict[UUID, Money] = field(default_factory=dict)
    lapsed: dict[UUID, Money] = field(default_factory=dict)
    refunds: dict[UUID, Money] = field(default_factory=dict)
    refund_answers: dict[UUID, RefundAnswer] = field(default_factory=dict)
    captures: list[UUID] = field(default_factory=list)
    opening: bool = False
    trouble: Trouble = field(default_factory=Trouble)
    seen_time_left: timedelta = timedelta(0)

    async def create(self, order: Order, time_left: timedelta) -> PaymentAnswer:
        await asyncio.sleep(0)
        self.trouble.enter("create")
        self.seen_time_left = time_left
        attempts = self.attempts.setdefault(order.id, {})
        number = _attempt(order)
        others = [state for other, state in attempts.items() if other != number]
        if any(state is not PaymentState.OVER for state in others):
            raise PaymentStillOpenError(order.id)
        new = PaymentState.OPENING if self.opening else PaymentState.OPEN
        if order.id in self.cancelled:
            new = PaymentState.OVER
        if attempts.get(number, PaymentState.OPENING) is PaymentState.OPENING:
            attempts[number] = new
        self.trouble.leave("create")
        return self._answer(order)

    async def get(self, order: Order) -> PaymentAnswer:
        await asyncio.sleep(0)
        self.trouble.enter("get")
        return self._answer(order)

    async def capture(self, order: Order) -> PaymentAnswer:
        await asyncio.sleep(0)
        self.trouble.enter("capture")
        number = _attempt(order)
        if (order.id, number) in self.granted:
            if self.attempts[order.id][number] is not PaymentState.CAPTURED:
                self.captures.append(order.id)
            self.attempts[order.id][number] = PaymentState.CAPTURED
        self.trouble.leave("capture")
        return self._answer(order)

    async def cancel(self, order: Order, *, unless_authorized: bool) -> Cancelling:
        await asyncio.sleep(0)
        self.trouble.enter("cancel")
        attempts = self.attempts.setdefault(order.id, {})
        if PaymentState.CAPTURED in attempts.values():
            return Cancelling.MONEY_IS_TAKEN
        if unless_authorized and PaymentState.AUTHORIZED in attempts.values():
            return Cancelling.AWAITS_DECISION
        self.cancelled.add(order.id)
        attempts.update(dict.fromkeys(attempts, PaymentState.OVER))
        self.trouble.leave("cancel")
        return Cancelling.DONE

    async def spend(self, order_id: UUID, remedy_id: UUID, amount: Money) -> None:
        await asyncio.sleep(0)
        self.trouble.enter("spend")
        if PaymentState.CAPTURED not in self.attempts[order_id].values():
            raise AssertionError(f"nothing was captured for {order_id}")
        self.spent[remedy_id] = amount
        self.trouble.leave("spend")

    async def lapse(self, order_id: UUID, offer_id: UUID, amount: Money) -> None:
        await asyncio.sleep(0)
        self.trouble.enter("lapse")
        if PaymentState.CAPTURED not in self.attempts[order_id].values():
            raise AssertionError(f"nothing was captured for {order_id}")
        self.lapsed[offer_id] = amount
        self.trouble.leave("lapse")

    async def refund(self, order: Order, leg: str) -> RefundAnswer:
        await asyncio.sleep(0)
        self.trouble.enter("refund")
        refund_id, amount = refund_id_of(order.id, leg), order.leg(leg).amount
        assert amount is not None
        earlier = self.refunds.setdefault(refund_id, amount)
        if earlier != amount:
            raise AssertionError(f"refund {refund_id} is of {earlier}, not {amount}")
        self.trouble.leave("refund")
        return self.refund_answers.get(refund_id, RefundAnswer(RefundState.SENT))

    async def get_refund(self, order: Order, leg: str) -> RefundAnswer:
        await asyncio.sleep(0)
        self.trouble.enter("get_refund")
        refund_id = refund_id_of(order.id, leg)
        if refund_id not in self.refunds:
            raise AssertionError(f"refund {refund_id} is not known")
        return self.refund_answers.get(refund_id, RefundAnswer(RefundState.SENT))

    def settle(self, order: Order, answer: RefundAnswer, leg: str = "refund") -> None:
        """Say how a refund stands at the provider."""
        self.refund_answers[refund_id_of(order.id, leg)] = answer

    def authorize(self, order: Order, attempt: int = 1) -> None:
        """Let the customer pay on the provider's page."""
        self.attempts[order.id][attempt] = PaymentState.AUTHORIZED

    def lose(self, order: Order, attempt: int = 1) -> None:
        """Let the provider drop a granted authorisation before its money is taken."""
        self.granted.discard((order.id, attempt))
        self.attempts[order.id][attempt] = PaymentState.OVER

    def decline(self, order: Order, attempt: int = 1) -> None:
        self.attempts[order.id][attempt] = PaymentState.OVER

    def _answer(self, order: Order) -> PaymentAnswer:
        number = _attempt(order)
        state = self.attempts.get(order.id, {}).get(number, PaymentState.OPENING)
        captured = Money.zero(order.currency)
        if state is PaymentState.CAPTURED:
            captured = order.money_due
        url = f"https://pay.example/{order.id}/{number}" if state is PaymentState.OPEN else ""
        return PaymentAnswer(state, url, captured)


def _attempt(order: Order) -> int:
    leg = order.payment_leg
    assert leg is not None
    return leg.attempt


def a_contact(**changes: str) -> Contact:
    contact = Contact("Ana", "Ionescu", "ana@example.test", "ro", "127.0.0.1")
    return replace(contact, **changes)


def a_purchase(
    hold: Hold,
    *,
    owner: str = GUEST,
    account_id: UUID | None = None,
    tenders: tuple[PlaceTender, ...] = (),
    vouchers: tuple[VoucherTender, ...] = (),
    terms_accepted: bool = True,
    otc_version: str | None = None,
) -> Purchase:
    return Purchase(
        screening_id=hold.screening_id,
        hold_id=hold.id,
        owner=owner,
        account_id=account_id,
        contact=a_contact(),
        terms_accepted=terms_accepted,
        gtc_version=hold.terms.gtc_version,
        otc_version=otc_version or hold.terms.otc_version,
        tenders=tenders,
        vouchers=vouchers,
        return_url="https://shop.example/back",
    )


def an_order_key(
    owner: str = GUEST,
    *,
    method: str = "PlaceOrder",
    request_id: UUID | None = None,
    pack: Callable[[Order], bytes] | None = None,
) -> RequestKey:
    """The key of a call whose answer is the order's ID and state."""
    return RequestKey(
        principal=owner,
        method=f"/cinema.booking.v1.BookingService/{method}",
        request_id=request_id or uuid4(),
        fingerprint=method.encode().ljust(32, b"."),
        pack=pack or (lambda order: f"{order.id} {order.state}".encode()),
    )
