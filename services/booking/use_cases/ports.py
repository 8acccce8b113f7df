"""What the seats' use cases, and the orders', need of storage and of the other services."""

from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.caller_limits import NO_HOLDS, CallerHolds, CallerLimits
from services.booking.domain.hold import Hold, SeatQuote
from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seat_choice import Sale
from services.booking.domain.seats import SeatMap, SeatState
from services.booking.domain.tenders import CardOption
from services.booking.use_cases.new_hold import Draft, NewHold
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class BoardLock:
    """A screening's board while this transaction holds its lock.

    `now` is the database's clock read after the lock: every deadline of this transaction is
    judged by it. `on_sale` is False once the screening was called off, and while it `is_moving` to
    another hall; `facts_version` counts what booking was told of it.
    """

    screening_id: UUID
    now: datetime
    on_sale: bool
    epoch: int
    revision: int
    facts_version: int
    is_moving: bool = False


class SeatBoard(Protocol):
    """The seats of screenings inside one transaction. One screening per transaction.

    `lock` comes first: every other method needs it, because its clock decides what is lapsed.
    Each change bumps the board's revision and keeps board and claims in step.
    """

    async def lock(self, screening_id: UUID) -> BoardLock:
        """Take the board's lock; SCREENING_NOT_FOUND when there is no board."""
        ...

    async def sell(self, screening_id: UUID, hold_id: UUID, order_id: UUID) -> bool:
        """Make all seats of a hold SOLD.

        False, and nothing is changed, when any claim is not this hold's any more or is lapsed by
        the lock's clock.
        """
        ...

    async def free(self, screening_id: UUID, hold_id: UUID) -> None:
        """Free what the hold still holds; SOLD seats and other buyers' seats stay."""
        ...

    async def take_back(self, screening_id: UUID, order_id: UUID) -> None:
        """Free the SOLD seats of an order that ends without tickets."""
        ...

    async def retake(
        self, screening_id: UUID, hold_id: UUID, order_id: UUID, seat_ids: Sequence[str]
    ) -> bool:
        """Take exactly these seats as SOLD when each is free, lapsed, or still this hold's.

        False, and nothing is changed, when any is not.
        """
        ...

    async def expire_lapsed(self, screening_id: UUID) -> int:
        """End all lapsed holds without an order and free their seats; tells how many."""
        ...

    async def extend(self, screening_id: UUID, hold_id: UUID, by: timedelta) -> bool:
        """Lengthen an ordered hold and its seats; False when that was done before."""
        ...

    async def hold_for_update(self, screening_id: UUID, hold_id: UUID) -> Hold:
        """Read and lock a hold, `read_at` being the lock's clock; HOLD_NOT_FOUND."""
        ...

    async def save_hold_state(self, hold: Hold) -> None:
        """Store `state` and `order_id` of a hold; its seats are sold or freed apart."""
        ...

    async def seat_states(self, screening_id: UUID) -> bytes:
        """Give the board's states as this transaction has left them."""
        ...

    async def version(self, screening_id: UUID) -> tuple[int, int]:
        """Give the seat map's epoch and revision as this transaction has left them."""
        ...

    async def lock_caller(
        self, caller: str, screening_id: UUID, limits: CallerLimits
    ) -> CallerHolds:
        """Count a caller's holds, nobody else making any meanwhile; comes before `lock`."""
        ...

    async def held_by(
        self, screening_id: UUID, caller: str, but: UUID | None = None
    ) -> list[SeatQuote]:
        """List the seats of a caller's live holds without an order, but not those of one hold."""
        ...

    async def must_be_takeable(self, screening_id: UUID, seats: Sequence[SeatQuote]) -> None:
        """Raise SEAT_UNAVAILABLE unless nobody has a live claim on any of the seats."""
        ...

    async def change_hold(self, hold: Hold, had: Sequence[SeatQuote]) -> None:
        """Store a changed hold with its seats, which are takeable; `had` are those before."""
        ...


class Requests(Protocol):
    """The request IDs of this transaction (see the chassis)."""

    async def claim(self, key: RequestKey) -> None: ...

    async def store(self, key: RequestKey, result: Any) -> None: ...


class Transaction(Protocol):
    """A transaction of the seats; rolled back unless committed."""

    @property
    def board(self) -> SeatBoard: ...

    @property
    def requests(self) -> Requests: ...

    async def commit(self) -> None: ...


Transactions: TypeAlias = Callable[[], AbstractAsyncContextManager[Transaction]]


class Screenings(Protocol):
    """Booking's own copy of what catalog knows. Never called inside a transaction."""

    async def facts(self, screening_id: UUID) -> ScreeningFacts:
        """Give the facts; asks catalog on a miss or when the copy is marked stale.

        SCREENING_NOT_FOUND, or SALES_PAUSED when they cannot be had fresh enough.
        """
        ...

    async def fresh_facts(self, screening_id: UUID) -> ScreeningFacts:
        """Ask catalog now, whatever the copy says, and keep the answer.

        DEPENDENCY_UNAVAILABLE when catalog does not answer.
        """
        ...

    async def sale(self, screening_id: UUID, *, max_age_ms: int) -> Sale:
        """Give facts, plan and a map at most so old, all told under the same facts version.

        Raises what `facts` raises, and NOT_SOLD_ONLINE.
        """
        ...

    async def seat_map(self, screening_id: UUID, *, max_age_ms: int) -> SeatMap:
        """Read the seats' states, at most so old; fetches the screening on a miss.

        SCREENING_NOT_FOUND, or DEPENDENCY_UNAVAILABLE when catalog must be asked and is silent.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of writing a hold at once. Without a hold nothing was written.

    `holds` is what the caller has; `claims_differ` says that a seat which the map shows as free has
    a claim, so that only the claims themselves can tell.
    """

    hold: Hold | None
    holds: CallerHolds = NO_HOLDS
    claims_differ: bool = False


@dataclass(frozen=True, slots=True)
class TakenSeat:
    """A seat with a claim; a lapsed one may be taken over."""

    seat_id: str
    state: SeatState
    lapsed: bool


class Holds(Protocol):
    """Holds outside of a transaction that the use case sees."""

    async def write_at_once(self, new: NewHold, seen: SeatMap, key: RequestKey) -> Attempt:
        """Write a hold in one statement if the seats of its span are as seen: all or nothing.

        Raises RepeatedRequest when the request was answered before.
        """
        ...

    async def write_locked(self, draft: Draft, key: RequestKey) -> Attempt:
        """Choose, judge and write a hold under the board's lock, taking lapsed seats over.

        No hold when the facts are newer than the draft's. Raises what `Draft.on`,
        `NewHold.judge` and the caller's limits raise, SALES_CLOSED and RepeatedRequest.
        """
        ...

    async def taken(self, screening_id: UUID, seat_ids: Sequence[str]) -> list[TakenSeat]:
        """Read the claims of seats."""
        ...

    async def replay(self, screening_id: UUID, key: RequestKey) -> None:
        """Raise RepeatedRequest when the request made a hold before; else return.

        The answer is the first one: the hold as it was when it was made.
        """
        ...

    async def get(self, screening_id: UUID, hold_id: UUID) -> Hold:
        """Read a hold with the database's clock; HOLD_NOT_FOUND."""
        ...

    def recall(self, hold_id: UUID) -> Hold | None:
        """Give a hold as this process made it, once; it may have changed or ended since."""
        ...


class Turns(Protocol):
    """Locks by key within one process: they spare the database work and guarantee nothing."""

    def of(self, key: Hashable) -> AbstractAsyncContextManager[None]: ...


class Cards(Protocol):
    """The prepaid cards of accounts, which the wallet keeps."""

    async def eligible(
        self, account_id: UUID, facts: ScreeningFacts, hold: Hold
    ) -> list[CardOption]:
        """Ask which cards may pay which seats; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...
