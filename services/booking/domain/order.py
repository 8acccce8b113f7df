"""An order: a customer's purchase of seats of one screening, and its life."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.order_errors import (
    OrderNotAbandonableError,
    OrderNotPayableError,
    PaymentStillOpenError,
    TooLittleTimeError,
)
from services.booking.domain.order_events import (
    OrderAbandoned,
    OrderConfirmed,
    OrderEvent,
    OrderExpired,
    OrderRefused,
    RefundVoucherRequested,
    RemedyGiven,
)
from services.booking.domain.order_leg import MAX_PAYMENT_ATTEMPTS, LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import PAYMENT_LEG, OrderLine, refundable_money_of
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.remedy import Remedy, RemedyState
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.ticket import Ticket
from services.common.money import Money

LANGUAGES = {"RO": "ro", "FR": "fr", "BE": "fr"}
OTHER_LANGUAGE = "en"


class OrderState(StrEnum):
    """Where an order is in its life; the diagram is in the service's README."""

    PLACED = "PLACED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    COMPLETING = "COMPLETING"
    CONFIRMED = "CONFIRMED"
    EXPIRED = "EXPIRED"
    ABANDONED = "ABANDONED"
    REFUSED = "REFUSED"


class OrderMoveError(RuntimeError):
    """A move that an order cannot make: a bug, never the customer's fault."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who buys: personal data, kept in one table. `language` may be "": then the cinema's."""

    first_name: str
    last_name: str
    email: str
    language: str
    ip_address: str = ""


@dataclass(frozen=True, slots=True)
class AcceptedTerms:
    """Which versions the buyer accepted, and when; never changed afterwards."""

    gtc_version: str
    otc_version: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened; `detail` holds no personal data."""

    time: datetime
    what: str
    detail: str = ""


@dataclass(slots=True)
class Order:
    """The owner of one purchase. Moved only by these methods, stored with its row's `version`.

    `read_at` is the database's clock when it was read; under a board's lock, the lock's.
    `events`, `entries` and `new_decisions` are what the moves since reading leave behind.
    """

    id: UUID
    screening_id: UUID
    hold_id: UUID
    number: str
    owner: str
    account_id: UUID | None
    channel: str
    state: OrderState
    lines: tuple[OrderLine, ...]
    legs: list[OrderLeg]
    currency: str
    total: Money
    money_due: Money
    terms: AcceptedTerms
    policy: SalesPolicy
    screening: ScreeningAsSold
    contact: Contact
    created_at: datetime
    expires_at: datetime
    read_at: datetime
    return_url: str
    request_id: UUID
    redirect_url: str = ""
    version: int = 0
    event_version: int = 0
    decisions: dict[int, Decision] = field(default_factory=dict)
    remedy: Remedy | None = None
    timeline: list[TimelineEntry] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)
    new_decisions: list[Decision] = field(default_factory=list)
    entries: list[TimelineEntry] = field(default_factory=list)

    @property
    def payment_leg(self) -> OrderLeg | None:
        return next((leg for leg in self.legs if leg.kind is LegKind.PAYMENT), None)

    @property
    def place_legs(self) -> list[OrderLeg]:
        return [leg for leg in self.legs if leg.kind is LegKind.PLACES]

    @property
    def places_open(self) -> bool:
        """Whether every card's places are reserved."""
        return all(leg.state is LegState.OPEN for leg in self.place_legs)

    @property
    def seat_ids(self) -> list[str]:
        return [line.seat_id for line in self.lines]

    @property
    def rescuable(self) -> bool:
        """Whether a late payment may still win: never with places, which are freed at once."""
        leg = self.payment_leg
        return (
            leg is not None
            and not self.place_legs
            and leg.state not in {LegState.FAILED, LegState.UNDONE}
            and leg.attempt not in self.decisions
        )

    @property
    def refundable_money(self) -> Money:
        return refundable_money_of(self.lines, self.currency)

    @property
    def language(self) -> str:
        """The buyer's language, or else the one that is spoken where the cinema is."""
        return self.contact.language or LANGUAGES.get(self.screening.country_code, OTHER_LANGUAGE)

    @property
    def time_left(self) -> timedelta:
        return max(timedelta(0), self.expires_at - self.read_at)

    @property
    def deadline_over(self) -> bool:
        """Whether the hold is over: from the very moment on, not only after it."""
        return self.read_at >= self.expires_at

    def leg(self, name: str) -> OrderLeg:
        return next(leg for leg in self.legs if leg.name == name)

    def placed_at(self, now: datetime, *, expires_at: datetime) -> None:
        """Take over the times and the version of the row that was just written."""
        self.created_at = self.read_at = now
        self.expires_at = expires_at
        self.terms = replace(self.terms, accepted_at=now)
        self.version = self.event_version = 1
        self.timeline.append(TimelineEntry(now, "ORDER_PLACED"))

    def places_reserved(self, name: str) -> None:
        """Note that a card's places are set aside."""
        self.leg(name).open()
        self.note("PLACES_RESERVED", name)

    def payment_opened(self, redirect_url: str) -> None:
        """Await the payment: the provider's page can be visited."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                self._payment().open()
                self.state = OrderState.AWAITING_PAYMENT
                self.redirect_url = redirect_url
                self.note("PAYMENT_OPENED", str(self._payment().attempt))
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                return  # It was decided meanwhile; the address is of no use any more.
            case _ as never:
                assert_never(never)

    def payment_failed(self, attempt: int, reason: str) -> bool:
        """End an attempt without money; another one may be made. Tells whether it counts."""
        leg = self.payment_leg
        if leg is None or leg.attempt != attempt:
            return False
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                if leg.state is LegState.FAILED:
                    return False
                leg.fail(reason)
                self.state = OrderState.AWAITING_PAYMENT
                self.redirect_url = ""
                self.note("PAYMENT_DECLINED", str(attempt))
                return True
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                return False
            case _ as never:
                assert_never(never)

    def retry_payment(self) -> None:
        """Begin the next attempt; the former one must be over."""
        if self.state is not OrderState.AWAITING_PAYMENT or self.deadline_over:
            raise OrderNotPayableError(self.id, self.state)
        leg = self._payment()
        if leg.state is not LegState.FAILED:
            raise PaymentStillOpenError(self.id)
        if leg.attempt >= MAX_PAYMENT_ATTEMPTS:
            raise OrderNotPayableError(self.id, self.state)
        self.must_have_time()
        leg.try_again()
        self.note("PAYMENT_RETRIED", str(leg.attempt))

    def must_have_time(self) -> None:
        """Raise TOO_LITTLE_TIME when money is due and a payment could not be finished."""
        if self.money_due and self.time_left < timedelta(seconds=self.policy.min_payment_seconds):
            raise TooLittleTimeError(self.policy.min_payment_seconds)

    def refuse(self, reason: str) -> None:
        """Give up placing it: everything is undone and the hold goes on."""
        match self.state:
            case OrderState.PLACED:
                self.state = OrderState.REFUSED
                self._undo_legs()
                self.events.append(OrderRefused())
                self.note("ORDER_REFUSED", reason)
            case OrderState.REFUSED:
                return
            case (
                OrderState.AWAITING_PAYMENT
                | OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
            ):
                raise self._forbidden(OrderState.REFUSED)
            case _ as never:
                assert_never(never)

    def grant(self, attempt: int, *, rescued: bool = False) -> None:
        """Let the authorised payment be captured; the seats are the buyer's already."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                pass
            case OrderState.EXPIRED:
                if not rescued:
                    raise self._forbidden(OrderState.COMPLETING)
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                raise self._forbidden(OrderState.COMPLETING)
            case _ as never:
                assert_never(never)
        self._decide(Decision(attempt))
        self._complete("PAYMENT_RESCUED" if rescued else "PAYMENT_GRANTED", str(attempt))

    def refuse_authorization(self, attempt: int, refusal: Refusal) -> None:
        """Say that an authorised payment may not be captured."""
        self._decide(Decision(attempt, refusal))
        self.note("PAYMENT_REFUSED", f"{attempt} {refusal}")

    def complete_without_money(self) -> None:
        """Nothing is left to pay in money; the seats are the buyer's already."""
        match self.state:
            case OrderState.PLACED:
                if self.payment_leg is not None:
                    raise self._forbidden(OrderState.COMPLETING)
                self._complete("SEATS_SOLD", "")
            case OrderState.COMPLETING:
                return
            case (
                OrderState.AWAITING_PAYMENT
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                raise self._forbidden(OrderState.COMPLETING)
            case _ as never:
                assert_never(never)

    def places_captured(self, name: str) -> None:
        """Note that a card's places are used for good."""
        self.leg(name).finish()
        self.note("PLACES_CAPTURED", name)

    def payment_captured(self, attempt: int, amount: Money) -> None:
        """Note that the money is taken: only our own grant and the exact amount count."""
        if not self.decisions.get(attempt, NOT_DECIDED).granted or amount != self.money_due:
            raise OrderMoveError(f"attempt {attempt} of order {self.id} is not the one granted")
        leg = self._payment()
        if leg.state is not LegState.DONE:
            leg.finish()
            self.note("PAYMENT_CAPTURED", str(attempt))

    def confirm(self, tickets: Sequence[Ticket]) -> None:
        """All of it is paid: the tickets are valid."""
        match self.state:
            case OrderState.COMPLETING:
                if any(leg.state is not LegState.DONE for leg in self.legs):
                    raise self._forbidden(OrderState.CONFIRMED)
                self._must_be_granted()
                self.state = OrderState.CONFIRMED
                self.redirect_url = ""
                confirmed = OrderConfirmed(self.account_id, self.money_due, len(tickets))
                self.events.append(confirmed)
                self.note("ORDER_CONFIRMED")
            case OrderState.CONFIRMED:
                return
            case (
                OrderState.PLACED
                | OrderState.AWAITING_PAYMENT
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                raise self._forbidden(OrderState.CONFIRMED)
            case _ as never:
                assert_never(never)

    def expire(self) -> bool:
        """End an order whose deadline is over without a grant. Tells whether it ended now."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                if not self.deadline_over:
                    return False
                keep_open = self.policy.rescue_seconds > 0 and self.rescuable
                self._end(
                    OrderState.EXPIRED, None if keep_open else Refusal.HOLD_EXPIRED, "ORDER_EXPIRED"
                )
                self.events.append(OrderExpired())
                return True
            case (
                OrderState.COMPLETING
                | OrderState.CONFIRMED
                | OrderState.EXPIRED
                | OrderState.ABANDONED
                | OrderState.REFUSED
            ):
                return False
            case _ as never:
                assert_never(never)

    def abandon(self) -> bool:
        """Give it up for the buyer. Tells whether it ended now."""
        match self.state:
            case OrderState.PLACED | OrderState.AWAITING_PAYMENT:
                self._end(OrderState.ABANDONED, Refusal.ABANDONED, "ORDER_ABANDONED")
                self.events.append(OrderAbandoned())
                return True
            case OrderState.ABANDONED | OrderState.EXPIRED:
                return False
            case OrderState.COMPLETING | OrderState.CONFIRMED | OrderState.REFUSED:
                raise OrderNotAbandonableError(self.id, self.state)
            case _ as never:
                assert_never(never)

    def close_payment(self) -> None:
        """Refuse what may still be authorised: from here on the payment is only cancelled."""
        attempt = self._payment().attempt
        if attempt not in self.decisions:
            self.refuse_authorization(attempt, Refusal.HOLD_EXPIRED)

    def leg_undone(self, name: str) -> None:
        """Nothing of a leg is left: released, cancelled, or given back."""
        self.leg(name).undone()
        self.note("LEG_UNDONE", name)

    def give_back(self, remedy: Remedy) -> None:
        """Begin to give places and money back: the screening was called off and the buyer asks."""
        if self.state is not OrderState.CONFIRMED or self.remedy is not None:
            raise OrderMoveError(f"order {self.id} is {self.state} and gives nothing back")
        self.remedy = remedy
        for leg in self.place_legs:
            leg.undo()
        self.note("REMEDY_REQUESTED", remedy.kind)

    def budget_taken(self) -> None:
        """Payment has set the remedy's money aside: the voucher is asked for."""
        remedy = self._remedy()
        if remedy.budget_taken:
            return
        remedy.budget_taken = True
        self.events.append(
            RefundVoucherRequested(
                remedy.id, remedy.amount, self.account_id, remedy.last_screening_date.isoformat()
            )
        )
        self.note("VOUCHER_REQUESTED")

    def voucher_issued(self, voucher_id: UUID) -> None:
        """Note the voucher that the wallet has issued for the remedy."""
        self._remedy().voucher_id = voucher_id

    def remedy_given(self) -> None:
        """Everything is given back."""
        remedy = self._remedy()
        if remedy.waits_for_voucher or any(
            leg.state is not LegState.UNDONE for leg in self.place_legs
        ):
            raise OrderMoveError(f"the remedy of order {self.id} is not complete")
        remedy.state = RemedyState.GIVEN
        self.events.append(RemedyGiven(remedy.id, remedy.voucher_id))
        self.note("REMEDY_GIVEN", remedy.kind)

    def note(self, what: str, detail: str = "") -> None:
        """Add to the timeline."""
        self.entries.append(TimelineEntry(self.read_at, what, detail))

    def _end(self, state: OrderState, refusal: Refusal | None, what: str) -> None:
        leg = self.payment_leg
        if leg is not None and refusal is not None and leg.attempt not in self.decisions:
            self._decide(Decision(leg.attempt, refusal))
        self.state = state
        self.redirect_url = ""
        self._undo_legs()
        self.note(what)

    def _complete(self, what: str, detail: str) -> None:
        for leg in self.legs:
            leg.commit()
        self.state = OrderState.COMPLETING
        self.note(what, detail)

    def _decide(self, decision: Decision) -> None:
        if decision.attempt in self.decisions:
            raise OrderMoveError(f"attempt {decision.attempt} of order {self.id} is decided")
        if decision.granted and any(other.granted for other in self.decisions.values()):
            raise OrderMoveError(f"order {self.id} has a granted attempt already")
        self.decisions[decision.attempt] = decision
        self.new_decisions.append(decision)

    def _must_be_granted(self) -> None:
        leg = self.payment_leg
        if leg is not None and not self.decisions.get(leg.attempt, NOT_DECIDED).granted:
            raise self._forbidden(OrderState.CONFIRMED)

    def _undo_legs(self) -> None:
        for leg in self.legs:
            leg.undo()

    def _payment(self) -> OrderLeg:
        return self.leg(PAYMENT_LEG)

    def _remedy(self) -> Remedy:
        if self.remedy is None:
            raise OrderMoveError(f"order {self.id} has no remedy")
        return self.remedy

    def _forbidden(self, state: OrderState) -> OrderMoveError:
        return OrderMoveError(f"order {self.id} cannot go from {self.state} to {state}")


NOT_DECIDED = Decision(0, Refusal.UNKNOWN_REFERENCE)
