"""The boards, claims and holds of screenings in one transaction, under the board's lock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.hold_rows import (
    HOLD_COLUMNS,
    hold_of,
    promotion_json,
    seats_json,
    seats_of,
)
from services.booking.adapters.locked_boards import LOCK_BOARD, LockedBoard, locked_board
from services.booking.adapters.seat_taking import hold_seats, must_be_takeable
from services.booking.domain.caller_limits import CallerHolds, CallerLimits
from services.booking.domain.errors import HoldNotFoundError, ScreeningNotFoundError
from services.booking.domain.hold import Hold, SeatQuote
from services.booking.domain.seats import SeatState, with_states
from services.booking.use_cases.ports import BoardLock
from services.common.db.transaction import Note

if TYPE_CHECKING:
    from asyncpg import Connection

_WRITE_BOARD = """
UPDATE screening_board SET revision = revision + 1, seat_states = $2
WHERE screening_id = $1
RETURNING revision"""

# All of the hold's seats or none: the count of claims that are still live must be the hold's.
_SELL = """
UPDATE seat_claim SET state = 'SOLD', order_id = $3, expires_at = NULL
WHERE screening_id = $1 AND hold_id = $2 AND state = 'HELD' AND expires_at > $4
AND (SELECT count(*) FROM seat_claim
     WHERE screening_id = $1 AND hold_id = $2 AND state = 'HELD' AND expires_at > $4)
  = (SELECT jsonb_array_length(seats) FROM hold WHERE screening_id = $1 AND id = $2)
RETURNING seat_index"""

_FREE = """
DELETE FROM seat_claim WHERE screening_id = $1 AND hold_id = $2 AND state = 'HELD'
RETURNING seat_index"""

_TAKE_BACK = """
DELETE FROM seat_claim WHERE screening_id = $1 AND order_id = $2 AND state = 'SOLD'
RETURNING seat_index"""

_OBSTACLES = """
SELECT count(*) AS obstacles FROM seat_claim
WHERE screening_id = $1 AND seat_id = ANY($2)
AND NOT (state = 'HELD' AND (hold_id = $3 OR expires_at <= $4))"""

_RETAKE = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, order_id)
SELECT $1, seat_id, seat_index, 'SOLD', $4, $5
FROM unnest($2::text[], $3::integer[]) AS wanted (seat_id, seat_index)
ON CONFLICT (screening_id, seat_id) DO UPDATE
SET state = 'SOLD', hold_id = excluded.hold_id, order_id = excluded.order_id, expires_at = NULL"""

_EXPIRE = """
UPDATE hold SET state = 'EXPIRED'
WHERE screening_id = $1 AND state = 'ACTIVE' AND expires_at <= $2
RETURNING id"""

_FREE_ALL = """
DELETE FROM seat_claim WHERE screening_id = $1 AND hold_id = ANY($2) AND state = 'HELD'
RETURNING seat_index"""

_EXTEND = """
WITH held AS (
    UPDATE hold SET expires_at = expires_at + make_interval(secs => $3), extended_by_s = $3
    WHERE screening_id = $1 AND id = $2 AND state = 'ORDERED' AND extended_by_s = 0
    RETURNING screening_id, id, expires_at
), claims AS (
    UPDATE seat_claim claim SET expires_at = held.expires_at FROM held
    WHERE claim.screening_id = held.screening_id AND claim.hold_id = held.id
      AND claim.state = 'HELD'
)
SELECT EXISTS (SELECT FROM held)"""

_READ_HOLD = f"""
SELECT {HOLD_COLUMNS} FROM hold WHERE screening_id = $1 AND id = $2
FOR UPDATE"""  # noqa: S608 - a constant of ours

_SAVE_HOLD = """
UPDATE hold SET state = $3, order_id = $4 WHERE screening_id = $1 AND id = $2"""

_LOCK_CALLER = "SELECT holds_of($1, $2, $3, true)"

_HELD_BY = """
SELECT seats, currency FROM hold
WHERE screening_id = $1 AND owner = $2 AND state = 'ACTIVE' AND expires_at > $3
  AND id IS DISTINCT FROM $4"""

_GIVE_BACK = """
DELETE FROM seat_claim
WHERE screening_id = $1 AND hold_id = $2 AND seat_id = ANY($3) AND state = 'HELD'
RETURNING seat_index"""

# What the hold was at first stays with it: a repeat of its request is answered from that.
_SAVE_CHANGE = """
UPDATE hold SET seats = $3, price_table_id = $4, promotion = $5, price_version = $6, epoch = $7,
    revision = $8, changes = $9,
    first = coalesce(first, jsonb_build_object('seats', seats, 'promotion', promotion,
                                               'epoch', epoch, 'revision', revision))
WHERE screening_id = $1 AND id = $2"""


@dataclass(slots=True)
class SeatBoardStore:
    """The port `SeatBoard` on the driver connection of a transaction; `note` hears of changes."""

    driver: "Connection[Any]"
    note: Note
    _boards: dict[UUID, LockedBoard] = field(default_factory=dict)

    async def lock(self, screening_id: UUID) -> BoardLock:
        row = await self.driver.fetchrow(LOCK_BOARD, screening_id)
        if row is None:
            raise ScreeningNotFoundError(screening_id)
        self._boards[screening_id] = locked_board(screening_id, row)
        return self._boards[screening_id].lock

    def locked(self, screening_id: UUID) -> LockedBoard:
        """Give the board that this transaction locked; anything else is a bug."""
        board = self._boards.get(screening_id)
        if board is None:
            raise LookupError(f"the board of screening {screening_id} is not locked")
        return board

    async def sell(self, screening_id: UUID, hold_id: UUID, order_id: UUID) -> bool:
        now = self._now(screening_id)
        rows = await self.driver.fetch(_SELL, screening_id, hold_id, order_id, now)
        await self.write(screening_id, _indexes(rows), SeatState.SOLD)
        return bool(rows)

    async def free(self, screening_id: UUID, hold_id: UUID) -> None:
        self.locked(screening_id)
        rows = await self.driver.fetch(_FREE, screening_id, hold_id)
        await self.write(screening_id, _indexes(rows), SeatState.FREE)

    async def take_back(self, screening_id: UUID, order_id: UUID) -> None:
        self.locked(screening_id)
        rows = await self.driver.fetch(_TAKE_BACK, screening_id, order_id)
        await self.write(screening_id, _indexes(rows), SeatState.FREE)

    async def retake(
        self, screening_id: UUID, hold_id: UUID, order_id: UUID, seat_ids: Sequence[str]
    ) -> bool:
        now = self._now(screening_id)
        hold = await self.hold_for_update(screening_id, hold_id)
        wanted = {seat.seat_id: seat.seat_index for seat in hold.seats if seat.seat_id in seat_ids}
        if len(wanted) != len(seat_ids):
            raise ValueError(f"hold {hold_id} never had some of these seats")
        obstacles = await self.driver.fetchval(_OBSTACLES, screening_id, list(wanted), hold_id, now)
        if obstacles:
            return False
        await self.driver.execute(
            _RETAKE, screening_id, list(wanted), list(wanted.values()), hold_id, order_id
        )
        await self.write(screening_id, list(wanted.values()), SeatState.SOLD)
        return True

    async def expire_lapsed(self, screening_id: UUID) -> int:
        """End all lapsed holds without an order and free their seats; tells how many."""
        rows = await self.driver.fetch(_EXPIRE, screening_id, self._now(screening_id))
        freed = await self.driver.fetch(_FREE_ALL, screening_id, [row["id"] for row in rows])
        await self.write(screening_id, _indexes(freed), SeatState.FREE)
        return len(rows)

    async def extend(self, screening_id: UUID, hold_id: UUID, by: timedelta) -> bool:
        self.locked(screening_id)
        seconds = int(by.total_seconds())
        extended: bool = await self.driver.fetchval(_EXTEND, screening_id, hold_id, seconds)
        return extended

    async def hold_for_update(self, screening_id: UUID, hold_id: UUID) -> Hold:
        now = self._now(screening_id)
        row = await self.driver.fetchrow(_READ_HOLD, screening_id, hold_id)
        if row is None:
            raise HoldNotFoundError(hold_id)
        return hold_of(row, read_at=now)

    async def save_hold_state(self, hold: Hold) -> None:
        self.locked(hold.screening_id)
        await self.driver.execute(_SAVE_HOLD, hold.screening_id, hold.id, hold.state, hold.order_id)

    async def version(self, screening_id: UUID) -> tuple[int, int]:
        board = self.locked(screening_id)
        return board.lock.epoch, board.revision

    async def lock_caller(
        self, caller: str, screening_id: UUID, limits: CallerLimits
    ) -> CallerHolds:
        period = timedelta(seconds=limits.released_holds_period_s)
        return CallerHolds(*await self.driver.fetchval(_LOCK_CALLER, caller, screening_id, period))

    async def held_by(
        self, screening_id: UUID, caller: str, but: UUID | None = None
    ) -> list[SeatQuote]:
        now = self._now(screening_id)
        rows = await self.driver.fetch(_HELD_BY, screening_id, caller, now, but)
        return [seat for row in rows for seat in seats_of(row["seats"], row["currency"])]

    async def must_be_takeable(self, screening_id: UUID, seats: Sequence[SeatQuote]) -> None:
        wanted = {seat.seat_id: seat.seat_index for seat in seats}
        await must_be_takeable(self.driver, screening_id, wanted, self._now(screening_id))

    async def seat_states(self, screening_id: UUID) -> bytes:
        return self.locked(screening_id).seat_states

    async def change_hold(self, hold: Hold, had: Sequence[SeatQuote]) -> None:
        board = self.locked(hold.screening_id)
        before = {seat.seat_id: seat.seat_index for seat in had}
        after = {seat.seat_id: seat.seat_index for seat in hold.seats}
        given = {seat_id: index for seat_id, index in before.items() if seat_id not in after}
        taken = {seat_id: index for seat_id, index in after.items() if seat_id not in before}
        if given or taken:
            await self._move_claims(hold, given, taken)
            states = with_states(board.seat_states, given.values(), SeatState.FREE)
            await self._store(
                hold.screening_id, with_states(states, taken.values(), SeatState.HELD)
            )
            hold.epoch, hold.revision = board.lock.epoch, board.revision
        terms = hold.terms
        await self.driver.execute(
            _SAVE_CHANGE,
            hold.screening_id,
            hold.id,
            seats_json(hold.seats),
            terms.price_table_id,
            promotion_json(terms.promotion),
            terms.price_version,
            hold.epoch,
            hold.revision,
            hold.changes,
        )

    async def _move_claims(
        self, hold: Hold, given: Mapping[str, int], taken: Mapping[str, int]
    ) -> None:
        now, screening_id = self._now(hold.screening_id), hold.screening_id
        rows = await self.driver.fetch(_GIVE_BACK, screening_id, hold.id, list(given))
        if len(rows) != len(given):
            raise LookupError(f"hold {hold.id} is live and has lost seats")
        await hold_seats(
            self.driver, screening_id, taken, hold.id, expires_at=hold.expires_at, now=now
        )

    async def write(self, screening_id: UUID, indexes: Iterable[int], state: SeatState) -> None:
        """Put seats into a state on the board and bump its revision; no seats, no change."""
        changed = list(indexes)
        if not changed:
            return
        board = self.locked(screening_id)
        await self._store(screening_id, with_states(board.seat_states, changed, state))

    async def _store(self, screening_id: UUID, states: bytes) -> None:
        board = self.locked(screening_id)
        board.seat_states = states
        board.revision = await self.driver.fetchval(_WRITE_BOARD, screening_id, states)
        self.note(screening_id)

    def _now(self, screening_id: UUID) -> datetime:
        return self.locked(screening_id).lock.now


def _indexes(rows: Sequence[Record]) -> list[int]:
    return [row["seat_index"] for row in rows]
