"""What the orders' use cases need of storage and of the other services."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_leg import OrderLeg
from services.booking.domain.staff import Staff
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.box_office_ports import StaffAudit
from services.booking.use_cases.ports import SeatBoard
from services.common.money import Money
from services.common.requests import RequestKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks for an order: its owner by `principal`, or a guest by the order's own token.

    `account_id` is set for a customer with an account, `staff` for customer service, which may
    look at the orders of the cinemas of its token.
    """

    principal: str
    account_id: UUID | None = None
    order_token: str = ""
    staff: Staff | None = None


@dataclass(frozen=True, slots=True)
class OrderOwner:
    """Whose an order is, and of which cinema."""

    order_id: UUID
    screening_id: UUID
    owner: str
    account_id: UUID | None
    cinema_id: str

    @classmethod
    def of(cls, order: Order) -> "OrderOwner":
        cinema_id = order.screening.cinema_id
        return cls(order.id, order.screening_id, order.owner, order.account_id, cinema_id)


@dataclass(frozen=True, slots=True)
class Answer:
    """A request whose answer is to be kept with the next write, and what it is packed from."""

    key: RequestKey
    result: Any


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed request. Not new: an earlier call made or moved this order and did not answer."""

    order_id: UUID
    is_new: bool


class OrderReads(Protocol):
    """Reading orders."""

    async def read(self, order_id: UUID, *, with_timeline: bool = False) -> Order:
        """Read an order with lines, legs, decisions and remedy; ORDER_NOT_FOUND.

        Nothing is locked: the order's version makes a later `save` fail when it moved meanwhile.
        """
        ...


class OrderWrites(OrderReads, Protocol):
    """Reading and writing orders, inside a transaction or each write as one of its own."""

    async def save(self, order: Order, answer: Answer | None = None) -> None:
        """Store what the moves changed, with events, decisions, timeline and e-mails, at once.

        CONCURRENT_CHANGE, and nothing is stored, when the order is not at the version it was read
        at. `order` is at its new version afterwards.
        """
        ...

    async def save_confirmed(self, order: Order, tickets: Sequence[Ticket]) -> None:
        """Store a confirmation: as `save`, with the tickets and the e-mail that carries them."""
        ...


class OrderStore(OrderWrites, Protocol):
    """The same outside of transactions: each write is a transaction of its own."""

    async def read_moved(self, seen: Sequence[Order]) -> Sequence[Order]:
        """Read, with their timelines, the orders that are not at the version that was seen."""
        ...

    async def place(
        self, order: Order, key: RequestKey, min_time_left: timedelta, *, hold_changes: int
    ) -> bool:
        """Claim the request, bind the hold and store a new order, in one statement.

        False, and nothing is stored, unless the hold is ACTIVE, the owner's, changed as often as
        when it was read, not over and has the time left, by the database's clock read under the
        hold's lock; and when the request was claimed before. Gives the order its times and first
        version.
        """
        ...

    def recall(self, order_id: UUID) -> Order | None:
        """Give an unpaid order as this process stored it last, once, without its contact.

        It may have moved since: only `save_granted` may follow.
        """
        ...

    async def save_granted(self, order: Order) -> bool:
        """Store a grant that was made in time, and sell the seats, in one statement.

        False, and nothing is stored, unless by the clock read under the board's lock the deadline
        is not over, the screening is on sale, each seat is still the hold's, and the order is as
        it was read.
        """
        ...

    async def read_with_tickets(self, order_id: UUID) -> tuple[Order, Sequence[Ticket]]:
        """Read an order with all its tickets, together with others; ORDER_NOT_FOUND."""
        ...

    async def read_bought(self, order_id: UUID) -> tuple[Order, Sequence[Ticket]]:
        """Read an order with its timeline and all its tickets, by itself; ORDER_NOT_FOUND."""
        ...

    async def read_tickets(
        self, order_id: UUID, *, after_number: str, limit: int
    ) -> tuple[OrderOwner, Sequence[Ticket]]:
        """List tickets by their numbers, those after one of them; "" for all. ORDER_NOT_FOUND."""
        ...

    async def take_due(self, limit: int, lease_ms: int) -> Sequence[UUID]:
        """Take orders whose next step is due; nobody else takes them while the lease lasts."""
        ...

    async def list_expired(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """List (screening, order) of unpaid orders whose deadline is over, oldest first."""
        ...

    async def list_hit_by_outage(self, limit: int) -> Sequence[tuple[UUID, UUID]]:
        """List (screening, order) of those in payment with a provider that does not answer.

        Not those that were lengthened before; who has least time left comes first.
        """
        ...


class LockedOrders(OrderWrites, Protocol):
    """The same inside a transaction."""

    async def lock(self, order_id: UUID) -> OrderState:
        """Lock an order's row and give its state; ORDER_NOT_FOUND."""
        ...

    async def read_locked(self, order_id: UUID) -> Order:
        """Lock an order's row, then read it; ORDER_NOT_FOUND."""
        ...

    async def read_all(self, order_ids: Sequence[UUID]) -> Mapping[UUID, Order]:
        """Read several orders at once, as `read` does each; ORDER_NOT_FOUND for any of them."""
        ...

    async def save_all(self, moved: Sequence[tuple[Order, Sequence[Ticket]]]) -> None:
        """Store several orders at once: as `save_confirmed` those with tickets, else as `save`.

        CONCURRENT_CHANGE, and the transaction must be given up, when one of them is not as it was
        read, or somebody else has it locked.
        """
        ...

    async def save_extended(self, order: Order) -> None:
        """Store an order that was lengthened: as `save`, with its deadline."""
        ...

    async def save_contact(self, order: Order) -> None:
        """Store another contact: as `save`; e-mails that wait go to its address."""
        ...

    async def save_cancelled(self, order: Order) -> None:
        """Store an order that was cancelled: as `save`, with its tickets, which admit nobody now.

        ALREADY_ADMITTED, ORDER_NOT_CANCELLABLE when one was refused at the door: then the
        transaction must be given up. Who has a ticket's row first, a door or this, wins it.
        """
        ...


class OrderTx(Protocol):
    """A transaction of the orders; rolled back unless committed. Lock order: board, hold, order."""

    @property
    def board(self) -> SeatBoard: ...

    @property
    def orders(self) -> LockedOrders: ...

    @property
    def audit(self) -> StaffAudit: ...

    async def claim(self, key: RequestKey, order_id: UUID) -> Claim:
        """Claim a request for work on an order, or give the order of an unanswered earlier claim.

        Raises RepeatedRequest when it was answered, REQUEST_ID_REUSED.
        """
        ...

    async def store(self, key: RequestKey, result: Any) -> None:
        """Keep the answer of a claimed request."""
        ...

    async def queue_confirmation(self, order: Order, request_id: UUID) -> None:
        """Put the confirmation into the queue of e-mails again, once for each request."""
        ...

    async def drop_claim(self, principal: str, request_id: UUID, order_id: UUID) -> None:
        """Forget an unanswered request about an order: it is refused and may be sent again."""
        ...

    async def has_newer_order(self, order: Order) -> bool:
        """Whether the owner has a later live or confirmed order for the screening."""
        ...

    async def outage_since(self, currency: str) -> datetime | None:
        """Since when we know that the provider takes no payments in a currency; None: it does."""
        ...

    async def commit(self) -> None: ...


OrderTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[OrderTx]]


class PlaceLegs(Protocol):
    """The wallet's side of an order. DEPENDENCY_UNAVAILABLE: the outcome is unknown, ask again."""

    async def reserve(self, order: Order, leg: OrderLeg) -> Mapping[str, Money]:
        """Reserve a place for each seat of the leg; gives the supplement due for each seat.

        PLACE_NOT_ELIGIBLE, CARD_NOT_FOUND.
        """
        ...

    async def capture(self, order_id: UUID, leg: OrderLeg) -> None: ...

    async def release(self, order_id: UUID, leg: OrderLeg) -> None: ...

    async def restore(self, order: Order, leg: OrderLeg) -> None:
        """Give back what was used, with its old expiry; longer when the cinema is the cause."""
        ...


class OrderPoints(Protocol):
    """The wallet's loyalty points of orders."""

    async def of_order(self, order_id: UUID) -> int:
        """Ask what an order brought and would lose; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...


class Retry(Protocol):
    """Runs work that opens its own transactions; again, a few times, after CONCURRENT_CHANGE."""

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T: ...


class OrderTokens(Protocol):
    """The secret with which a guest reads an order: derived from its ID, never stored."""

    def token_of(self, order_id: UUID) -> str: ...

    def opens(self, order_id: UUID, token: str) -> bool:
        """Compare in constant time."""
        ...


class TicketSigner(Protocol):
    """Makes what a ticket's QR code says."""

    def payload(self, ticket_id: UUID, screening_id: UUID) -> bytes: ...


Kick: TypeAlias = Callable[[UUID], None]
"""Carries an order on in the background: best effort, bounded, never awaited."""

NewNumber: TypeAlias = Callable[[], str]
"""Makes an order number for people."""
