"""The port `Holds`: holds written in one statement, or under the board's lock; and read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.booking.adapters.hold_rows import HOLD_COLUMNS, hold_arguments, hold_made, hold_of
from services.booking.adapters.locked_holds import write_locked
from services.booking.adapters.seat_maps import SeatMapReader
from services.booking.adapters.transactions import BookingTransactions
from services.booking.domain.errors import HoldNotFoundError
from services.booking.domain.hold import Hold, HoldState
from services.booking.domain.seats import SeatMap, SeatState, with_states
from services.booking.use_cases.ports import Attempt, NewHold, TakenSeat
from services.common.db.database import Database
from services.common.errors import RepeatedRequest, RequestIdReusedError
from services.common.requests import RequestKey

# Board, claims, hold and request in one statement: each part exists only if the board still is as
# it was seen, and a claim or a request that exists already breaks its primary key, which undoes
# all of it. The deadline is made of the clock that is read once the board's row is ours. The hold
# is the request's stored answer: everything of the first answer can be read from it for ever.
_WRITE_AT_ONCE = f"""
WITH live AS (
    SELECT count(*) AS holds FROM hold
    WHERE owner = $3 AND state = 'ACTIVE' AND expires_at > app_clock()
), board AS (
    UPDATE screening_board SET revision = revision + 1, seat_states = $21
    WHERE screening_id = $1 AND epoch = $18 AND revision = $19 AND facts_version = $20
    AND sales_state = 'ON_SALE' AND app_clock() >= sales_from AND app_clock() < sales_until
    AND (SELECT holds FROM live) < $25
    RETURNING app_clock() AS now
), claims AS (
    INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
    SELECT $1, seat_id, seat_index, 'HELD', $2, board.now + $24::interval
    FROM board, unnest($22::text[], $23::integer[]) AS wanted (seat_id, seat_index)
), held AS (
    INSERT INTO hold ({HOLD_COLUMNS})
    SELECT $1, $2, $3, $4, 'ACTIVE', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
           $18, $19 + 1, board.now, board.now + $24::interval, NULL
    FROM board
), answered AS (
    INSERT INTO request (principal, method, request_id, fingerprint, work_id, answer)
    SELECT $26, $27, $28, $29, $2, '' FROM board
)
SELECT (SELECT now FROM board) AS now, holds FROM live"""  # noqa: S608 - a constant of ours

_TAKEN = """
SELECT seat_id, state, state = 'HELD' AND expires_at <= app_clock() AS lapsed
FROM seat_claim WHERE screening_id = $1 AND seat_id = ANY($2)"""

_READ = f"""
SELECT {HOLD_COLUMNS}, app_clock() AS now FROM hold
WHERE screening_id = $1 AND id = $2"""  # noqa: S608 - a constant of ours

_ANSWERED = """
SELECT fingerprint, work_id FROM request
WHERE principal = $1 AND method = $2 AND request_id = $3"""


@dataclass(frozen=True, slots=True)
class HoldStore:
    """Holds of one database. `max_holds_per_caller` counts live ones without an order."""

    database: Database
    transactions: BookingTransactions
    maps: SeatMapReader
    max_holds_per_caller: int

    async def write_at_once(self, new: NewHold, seen: SeatMap, key: RequestKey) -> Attempt:
        states = with_states(seen.states, [seat.seat_index for seat in new.seats], SeatState.HELD)
        read_at = time.monotonic()
        try:
            row = await self.database.fetchrow(
                _WRITE_AT_ONCE,
                *hold_arguments(new),
                seen.epoch,
                seen.revision,
                seen.facts_version,
                states,
                [seat.seat_id for seat in new.seats],
                [seat.seat_index for seat in new.seats],
                timedelta(seconds=new.terms.policy.hold_seconds),
                self.max_holds_per_caller,
                key.principal,
                key.method,
                key.request_id,
                key.fingerprint,
            )
        except asyncpg.UniqueViolationError as violation:
            if violation.constraint_name != "request_pkey":
                return Attempt(None, claims_differ=True)
            await self.replay(new.screening_id, key)
            raise
        if row is None or row["now"] is None:
            return Attempt(None, live_holds=row["holds"] if row else 0)
        after = replace(seen, revision=seen.revision + 1, states=states)
        self.maps.remember(after, read_at)
        return Attempt(hold_made(new, seen.epoch, after.revision, row["now"]))

    async def write_locked(self, new: NewHold, seen: SeatMap, key: RequestKey) -> Attempt:
        async def work() -> Attempt:
            async with self.transactions() as tx:
                attempt = await write_locked(
                    tx, new, seen.facts_version, key, self.max_holds_per_caller
                )
                await tx.commit()
                return attempt

        try:
            return await self.database.run_with_retry(work)
        except asyncpg.UniqueViolationError:
            await self.replay(new.screening_id, key)
            raise

    async def taken(self, screening_id: UUID, seat_ids: Sequence[str]) -> list[TakenSeat]:
        rows = await self.database.fetch(_TAKEN, screening_id, seat_ids)
        return [
            TakenSeat(row["seat_id"], SeatState[row["state"]], lapsed=row["lapsed"]) for row in rows
        ]

    async def replay(self, screening_id: UUID, key: RequestKey) -> None:
        answered = await self.database.fetchrow(
            _ANSWERED, key.principal, key.method, key.request_id
        )
        if answered is None:
            return
        if answered["fingerprint"] != key.fingerprint:
            raise RequestIdReusedError(key.request_id)
        hold = await self.get(screening_id, answered["work_id"])
        raise RepeatedRequest(key.pack(as_made(hold)))

    async def get(self, screening_id: UUID, hold_id: UUID) -> Hold:
        row = await self.database.fetchrow(_READ, screening_id, hold_id)
        if row is None:
            raise HoldNotFoundError(hold_id)
        return hold_of(row, read_at=row["now"])


def as_made(hold: Hold) -> Hold:
    """Give the hold as it was in the first answer, whatever has become of it."""
    return replace(hold, state=HoldState.ACTIVE, order_id=None, read_at=hold.created_at)
