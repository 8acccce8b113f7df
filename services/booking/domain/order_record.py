"""What an order is: its parts, and what can be read from them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.booking.domain.cancellation import Cancellation
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.moved_order import MovedTo, SeatPlace
from services.booking.domain.offered_remedy import OfferedRemedy
from services.booking.domain.order_events import OrderEvent
from services.booking.domain.order_leg import WALLET_KINDS, LegKind, LegState, OrderLeg
from services.booking.domain.order_lines import PAYMENT_LEG, OrderLine, refundable_money_of
from services.booking.domain.order_mail import MailKind
from services.booking.domain.order_screening import ScreeningAsSold
from services.booking.domain.prices import Promotion
from services.booking.domain.remedy import Remedy
from services.booking.domain.screening import SalesPolicy
from services.common.money import Money

NOT_DECIDED = Decision(0, Refusal.UNKNOWN_REFERENCE)
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
    CANCELLED = "CANCELLED"


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
class OrderRecord:
    """What an order is. Moved only by the methods of `Order`, stored with its row's `version`.

    `read_at` is the database's clock when it was read; under a board's lock, the lock's.
    `events`, `entries`, `mails` and `new_decisions` are what the moves since reading leave behind.
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
    extended_by: timedelta = timedelta(0)
    promotion: Promotion | None = None
    version: int = 0
    event_version: int = 0
    decisions: dict[int, Decision] = field(default_factory=dict)
    remedy: Remedy | None = None
    offer: OfferedRemedy | None = None  # Read with the timeline only.
    cancellation: Cancellation | None = None
    moved: MovedTo | None = None
    timeline: list[TimelineEntry] = field(default_factory=list)
    events: list[OrderEvent] = field(default_factory=list)
    new_decisions: list[Decision] = field(default_factory=list)
    entries: list[TimelineEntry] = field(default_factory=list)
    mails: list[MailKind] = field(default_factory=list)

    @property
    def payment_leg(self) -> OrderLeg | None:
        return next((leg for leg in self.legs if leg.kind is LegKind.PAYMENT), None)

    @property
    def place_legs(self) -> list[OrderLeg]:
        return [leg for leg in self.legs if leg.kind is LegKind.PLACES]

    @property
    def voucher_legs(self) -> list[OrderLeg]:
        return [leg for leg in self.legs if leg.kind is LegKind.VOUCHER]

    @property
    def wallet_legs(self) -> list[OrderLeg]:
        """The legs that the wallet carries out: places and vouchers."""
        return [leg for leg in self.legs if leg.kind in WALLET_KINDS]

    @property
    def till_leg(self) -> OrderLeg | None:
        """The leg of an order that was paid at a till, in place of a payment."""
        return next((leg for leg in self.legs if leg.kind is LegKind.TILL), None)

    @property
    def refund_legs(self) -> list[OrderLeg]:
        return [leg for leg in self.legs if leg.kind is LegKind.REFUND]

    @property
    def money_goes_first(self) -> bool:
        """Whether nothing else is to be captured before the money."""
        return not self.wallet_legs

    @property
    def places_open(self) -> bool:
        """Whether all places and vouchers are reserved."""
        return all(leg.state is LegState.OPEN for leg in self.wallet_legs)

    @property
    def seat_ids(self) -> list[str]:
        return [line.seat_id for line in self.lines]

    @property
    def screening_now(self) -> ScreeningAsSold:
        """The screening as sold, in the hall that it is in by now."""
        if self.moved is None:
            return self.screening
        return replace(self.screening, hall_id=self.moved.hall_id, hall_name=self.moved.hall_name)

    @property
    def is_unseated(self) -> bool:
        """Whether the hall that the screening went to has no seats for it."""
        return self.moved is not None and self.moved.is_unseated

    @property
    def rescuable(self) -> bool:
        """Whether a late payment may still win: never with places or vouchers, freed at once."""
        leg = self.payment_leg
        return (
            leg is not None
            and not self.wallet_legs
            and leg.state not in {LegState.FAILED, LegState.UNDONE}
            and leg.attempt not in self.decisions
        )

    @property
    def may_be_rescued(self) -> bool:
        """Whether money that came in time, and of which we have not heard, may still win."""
        window = timedelta(seconds=self.policy.rescue_seconds)
        is_open = self.read_at < self.expires_at + window
        return self.state is OrderState.EXPIRED and is_open and self.rescuable

    @property
    def was_granted(self) -> bool:
        """Whether a payment was granted; its seats were sold, and its places used."""
        return any(decision.granted for decision in self.decisions.values())

    @property
    def returned_by_cinema(self) -> bool:
        """Whether what goes back does so for a reason that is not the buyer's."""
        return self.cancellation is None or self.cancellation.caused_by_cinema

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

    def placed_at(
        self, now: datetime, *, expires_at: datetime, extended_by: timedelta = timedelta(0)
    ) -> None:
        """Take over the times and the version of the row that was just written."""
        self.created_at = self.read_at = now
        self.expires_at = expires_at
        self.extended_by = extended_by
        self.terms = replace(self.terms, accepted_at=now)
        self.version = self.event_version = 1
        self.timeline.append(TimelineEntry(now, "ORDER_PLACED"))

    def place_of(self, line: OrderLine) -> SeatPlace:
        """Tell where the seat of a line is: the screening may have gone to another hall."""
        sold = SeatPlace(line.seat_id, line.row_name, line.seat_number)
        return sold if self.moved is None else self.moved.seats.get(line.seat_id, sold)

    def is_holder_checked(self, seat_id: str) -> bool:
        """Whether a card that is a person's own pays the seat."""
        return any(leg.holder_checked and seat_id in leg.seat_ids for leg in self.legs)

    def note(self, what: str, detail: str = "") -> None:
        """Add to the timeline."""
        self.entries.append(TimelineEntry(self.read_at, what, detail))

    def _decide(self, decision: Decision) -> None:
        if decision.attempt in self.decisions:
            raise OrderMoveError(f"attempt {decision.attempt} of order {self.id} is decided")
        if decision.granted and any(other.granted for other in self.decisions.values()):
            raise OrderMoveError(f"order {self.id} has a granted attempt already")
        self.decisions[decision.attempt] = decision
        self.new_decisions.append(decision)

    def _undo_legs(self) -> None:
        for leg in self.legs:
            leg.undo()

    def _payment(self) -> OrderLeg:
        return self.leg(PAYMENT_LEG)

    def _forbidden(self, state: OrderState) -> OrderMoveError:
        return OrderMoveError(f"order {self.id} cannot go from {self.state} to {state}")
