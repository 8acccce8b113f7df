"""A hold: seats of one screening, kept for one buyer until a deadline."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from services.booking.domain.errors import (
    HoldExpiredError,
    HoldHasOrderError,
    TicketsNotChosenError,
)
from services.booking.domain.prices import Promotion
from services.booking.domain.screening import SalesPolicy
from services.booking.domain.suggestion import Suggestion
from services.common.money import Money


class HoldState(StrEnum):
    """Where a hold is in its life."""

    ACTIVE = "ACTIVE"
    ORDERED = "ORDERED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class SeatQuote:
    """A held seat and what it costs, by the prices that the hold keeps for its life.

    `seat_index` is the seat's place in the seat map, counted from zero. Without a `ticket_type`
    (still to be chosen) everything costs zero. `regular_price` is the price without the promotion
    that was taken off, else None. Seats of one package share its code and number, from 1.
    """

    seat_id: str
    seat_index: int
    row_name: str
    seat_number: str
    area: str
    ticket_type: str
    price: Money
    supplement: Money
    service_fee: Money
    proof: str
    regular_price: Money | None = None
    package: str = ""
    package_number: int = 0

    @property
    def amounts(self) -> tuple[Money, Money, Money]:
        return self.price, self.supplement, self.service_fee

    @property
    def total(self) -> Money:
        return self.price + self.supplement + self.service_fee


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What a hold is made under, and what its order is judged by: versions, policy, date, hall, film.

    `film_id` is "" and `price_table_id` None in holds of before they were kept.
    """

    currency: str
    price_version: str
    fee_on_places: bool
    gtc_version: str
    otc_version: str
    policy: SalesPolicy
    screening_version: int
    start_time: datetime
    hall_id: str
    film_id: str
    price_table_id: UUID | None = None
    promotion: Promotion | None = None


@dataclass(frozen=True, slots=True)
class HoldAsMade:
    """What a changed hold was at first: a repeat of the request that made it is told this."""

    seats: Sequence[SeatQuote]
    promotion: Promotion | None
    epoch: int
    revision: int


@dataclass(slots=True)
class Hold:
    """Seats kept for `owner` (a caller's principal) until `expires_at`.

    `read_at` is the database's clock when the hold was read, after the lock where one was taken:
    what is lapsed is decided by it and by nothing else. `epoch` and `revision` are the seat map's
    after the seats were taken. `changes` counts how often it was changed since it was made.
    `suggestion` is told with the first answer only.
    """

    id: UUID
    screening_id: UUID
    owner: str
    channel: str
    state: HoldState
    seats: Sequence[SeatQuote]
    terms: HoldTerms
    epoch: int
    revision: int
    created_at: datetime
    expires_at: datetime
    read_at: datetime
    order_id: UUID | None = None
    changes: int = 0
    first: HoldAsMade | None = None
    suggestion: Suggestion | None = None

    @property
    def lapsed(self) -> bool:
        """Whether the deadline is over: from the very moment on, not only after it."""
        return self.read_at >= self.expires_at

    @property
    def time_left(self) -> timedelta:
        return max(timedelta(0), self.expires_at - self.read_at)

    @property
    def first_deadline(self) -> datetime:
        """Until when the seats were kept when they were taken."""
        return self.created_at + timedelta(seconds=self.terms.policy.hold_seconds)

    @property
    def extended_by(self) -> timedelta:
        """How much longer they are kept since, for an order whose provider did not answer."""
        return self.expires_at - self.first_deadline

    @property
    def total(self) -> Money:
        amounts = [amount for seat in self.seats for amount in seat.amounts]
        return Money.sum(amounts, currency=self.terms.currency)

    @property
    def seat_ids(self) -> list[str]:
        return [seat.seat_id for seat in self.seats]

    @property
    def tickets_chosen(self) -> bool:
        """Whether each seat has its ticket type: an order needs them all."""
        return all(seat.ticket_type for seat in self.seats)

    @property
    def visible_state(self) -> HoldState:
        """The state as the caller sees it: a lapsed hold has expired, swept or not."""
        if self.state is HoldState.ACTIVE and self.lapsed:
            return HoldState.EXPIRED
        return self.state

    def must_be_live(self) -> None:
        """Raise HOLD_HAS_ORDER or HOLD_EXPIRED unless an order can be placed for it."""
        match self.visible_state:
            case HoldState.ACTIVE:
                return
            case HoldState.ORDERED:
                raise HoldHasOrderError(self.id, self._order_id())
            case HoldState.RELEASED | HoldState.EXPIRED:
                raise HoldExpiredError(self.id)
            case _ as never:
                assert_never(never)

    def must_be_orderable(self) -> None:
        """Raise TICKETS_NOT_CHOSEN while a seat has no ticket type."""
        if not self.tickets_chosen:
            raise TicketsNotChosenError(self.id)

    def change(self, seats: Sequence[SeatQuote], terms: HoldTerms) -> None:
        """Take other seats or tickets; the deadline stays."""
        self.must_be_live()
        if self.first is None:
            self.first = HoldAsMade(self.seats, self.terms.promotion, self.epoch, self.revision)
        self.seats = seats
        self.terms = terms
        self.changes += 1

    def as_made(self) -> "Hold":
        """Give the hold as it was in the first answer, whatever has become of it."""
        made = replace(
            self,
            state=HoldState.ACTIVE,
            order_id=None,
            expires_at=self.first_deadline,
            read_at=self.created_at,
        )
        if self.first is not None:
            made.seats, made.epoch, made.revision = (
                self.first.seats,
                self.first.epoch,
                self.first.revision,
            )
            made.terms = replace(self.terms, promotion=self.first.promotion)
        return made

    def place_order(self, order_id: UUID) -> None:
        """Bind the hold to its one order."""
        self.must_be_live()
        self.state = HoldState.ORDERED
        self.order_id = order_id

    def release(self) -> bool:
        """Give the seats back; tells whether there is anything to free."""
        match self.state:
            case HoldState.ACTIVE:
                self.state = HoldState.EXPIRED if self.lapsed else HoldState.RELEASED
                return True
            case HoldState.ORDERED:
                raise HoldHasOrderError(self.id, self._order_id())
            case HoldState.RELEASED | HoldState.EXPIRED:
                return False
            case _ as never:
                assert_never(never)

    def end_order(self, *, lapsed: bool) -> None:
        """Close the hold of an order that ended without tickets; the order stays named."""
        if self.state is not HoldState.ORDERED:
            raise ValueError(f"hold {self.id} is {self.state} and has no order to end")
        self.state = HoldState.EXPIRED if lapsed else HoldState.RELEASED

    def reopen(self) -> None:
        """Take the hold back from an order that could not be placed: it goes on as before."""
        if self.state is not HoldState.ORDERED:
            raise ValueError(f"hold {self.id} is {self.state} and has no order to refuse")
        self.state = HoldState.ACTIVE
        self.order_id = None

    def _order_id(self) -> UUID:
        if self.order_id is None:
            raise ValueError(f"hold {self.id} is ORDERED without an order")
        return self.order_id
