"""Writes a hold under the board's lock, and takes lapsed seats over in place."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.booking.adapters.boards import LockedBoard
from services.booking.adapters.hold_rows import HOLD_COLUMNS, hold_arguments, hold_made
from services.booking.adapters.transactions import BookingTransaction
from services.booking.domain.errors import SalesClosedError, SeatUnavailableError
from services.booking.domain.seats import SeatState
from services.booking.use_cases.ports import Attempt, NewHold
from services.common.requests import RequestKey

if TYPE_CHECKING:
    from asyncpg import Connection

_LIVE = """
SELECT count(*) FROM hold WHERE owner = $1 AND state = 'ACTIVE' AND expires_at > $2"""

_OTHERS = """
SELECT seat_id, state FROM seat_claim
WHERE screening_id = $1 AND seat_id = ANY($2) AND NOT (state = 'HELD' AND expires_at <= $3)
ORDER BY seat_index"""

_CLAIM = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
SELECT $1, seat_id, seat_index, 'HELD', $4, $5
FROM unnest($2::text[], $3::integer[]) AS wanted (seat_id, seat_index)
ON CONFLICT (screening_id, seat_id) DO UPDATE
SET hold_id = excluded.hold_id, expires_at = excluded.expires_at
WHERE seat_claim.state = 'HELD' AND seat_claim.expires_at <= $6
RETURNING seat_id"""

_HOLD = f"""
INSERT INTO hold ({HOLD_COLUMNS})
VALUES ($1, $2, $3, $4, 'ACTIVE', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
        $18, $19, $20, $21, NULL)"""  # noqa: S608 - a constant of ours

_REQUEST = """
INSERT INTO request (principal, method, request_id, fingerprint, work_id, answer)
VALUES ($1, $2, $3, $4, $5, '')"""


async def write_locked(
    tx: BookingTransaction,
    new: NewHold,
    facts_version: int,
    key: RequestKey,
    max_holds_per_caller: int,
) -> Attempt:
    """Write a hold; the caller commits. Without a hold in the result nothing was written.

    An ordered hold that has lapsed loses the seats that are taken here; its order finds out when
    it is decided. Raises SEAT_UNAVAILABLE, what the neighbours' rules say, and SALES_CLOSED.
    """
    await tx.board.lock(new.screening_id)
    board = tx.board.locked(new.screening_id)
    if board.facts_version != facts_version:
        return Attempt(None)
    if not board.in_sales_window:
        raise SalesClosedError(new.screening_id)
    driver = tx.inner.driver
    live_holds = await driver.fetchval(_LIVE, new.owner, board.lock.now)
    if live_holds >= max_holds_per_caller:
        return Attempt(None, live_holds=live_holds)
    await _must_be_takeable(driver, new, board)
    await tx.board.expire_lapsed(new.screening_id)
    new.judge_neighbours(board.seat_states)
    await _claim(driver, new, board)
    await tx.board.write(new.screening_id, new.seat_indexes, SeatState.HELD)
    hold = hold_made(new, board.lock.epoch, board.revision, board.lock.now)
    await driver.execute(
        _HOLD,
        *hold_arguments(new),
        hold.epoch,
        hold.revision,
        hold.created_at,
        hold.expires_at,
    )
    await driver.execute(
        _REQUEST, key.principal, key.method, key.request_id, key.fingerprint, new.id
    )
    return Attempt(hold)


async def _must_be_takeable(driver: "Connection[Any]", new: NewHold, board: LockedBoard) -> None:
    seat_ids = [seat.seat_id for seat in new.seats]
    rows = await driver.fetch(_OTHERS, new.screening_id, seat_ids, board.lock.now)
    if rows:
        raise SeatUnavailableError([(row["seat_id"], row["state"]) for row in rows])


async def _claim(driver: "Connection[Any]", new: NewHold, board: LockedBoard) -> None:
    now = board.lock.now
    rows = await driver.fetch(
        _CLAIM,
        new.screening_id,
        [seat.seat_id for seat in new.seats],
        new.seat_indexes,
        new.id,
        now + timedelta(seconds=new.terms.policy.hold_seconds),
        now,
    )
    if len(rows) != len(new.seats):
        raise LookupError(_changed_under_lock(new.screening_id))


def _changed_under_lock(screening_id: UUID) -> str:
    return f"claims of screening {screening_id} changed under its board's lock"
