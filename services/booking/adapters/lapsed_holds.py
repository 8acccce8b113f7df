"""Ends lapsed holds, and says when old ones may go."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.booking.domain.seats import SeatState
from services.booking.use_cases.worker_ports import Sweep
from services.common.db.database import Database
from services.common.db.retention import RetentionRule
from services.common.errors import ConcurrentChangeError

# Longer than request IDs are kept: a repeated request is answered from its hold.
CLOSED_HOLDS_KEPT_S = 7 * 24 * 3_600.0

# How long a lapsed hold may be left because its board was locked at each sweep, and how long its
# sweep then waits for the lock. A board that everybody is after is nearly always locked. With the
# time between two looks both are less than the second in which a lapsed hold is to be free.
OVERDUE_AFTER_MS = 300
MAX_LOCK_WAIT_MS = 500
MAX_OVERDUE_SCREENINGS = 50

# The clock is read once, so that the index `hold_lapse` finds the few that are lapsed. A hold or a
# claim that moved meanwhile is judged again by its row as it is now, and so is the board that the
# freed seats are put on. A hold that was changed at the last moment is the next sweep's: its new
# claims are not seen here.
_LAPSED = """
    SELECT screening_id, id, changes, expires_at FROM hold
    WHERE CASE WHEN state = 'ACTIVE' THEN expires_at END <= (SELECT app_clock())"""
_BY_DEADLINE = "ORDER BY CASE WHEN state = 'ACTIVE' THEN expires_at END"
HOLDS_ARE_LAPSED = f"(SELECT true FROM ({_LAPSED} {_BY_DEADLINE} LIMIT 1))"  # noqa: S608 - ours
_EXPIRE = f"""), expired AS (
    UPDATE hold SET state = 'EXPIRED'
    FROM lapsed JOIN board USING (screening_id)
    WHERE hold.screening_id = lapsed.screening_id AND hold.id = lapsed.id
      AND hold.state = 'ACTIVE' AND hold.expires_at <= (SELECT app_clock())
      AND hold.changes = lapsed.changes
    RETURNING hold.screening_id, hold.id
), freed AS (
    DELETE FROM seat_claim AS claim
    USING (SELECT screening_id, array_agg(id) AS hold_ids
           FROM expired GROUP BY screening_id) AS expired_of
    WHERE claim.screening_id = expired_of.screening_id
      AND claim.hold_id = ANY(expired_of.hold_ids) AND claim.state = 'HELD'
    RETURNING claim.screening_id, claim.seat_index
), shown AS (
    UPDATE screening_board AS board
    SET revision = revision + 1,
        seat_states = with_seat_states(seat_states, seat_indexes, {SeatState.FREE.value})
    FROM (SELECT screening_id, array_agg(seat_index) AS seat_indexes
          FROM freed GROUP BY screening_id) AS freed_of
    WHERE board.screening_id = freed_of.screening_id
    RETURNING board.screening_id
)
SELECT (SELECT count(*) FROM lapsed) AS lapsed, (SELECT count(*) FROM expired) AS expired,
    ARRAY(SELECT screening_id FROM shown) AS screening_ids,
    ARRAY(SELECT DISTINCT screening_id FROM lapsed
          WHERE screening_id NOT IN (SELECT screening_id FROM board)
            AND expires_at <= (SELECT app_clock()) - interval '{OVERDUE_AFTER_MS} ms'
          LIMIT {MAX_OVERDUE_SCREENINGS}) AS overdue"""  # noqa: S608 - constants of ours
# A board that somebody has locked is left for the next sweep.
_SWEEP = f"""
WITH lapsed AS ({_LAPSED}
    {_BY_DEADLINE} LIMIT $1
), board AS (
    SELECT screening_id FROM screening_board
    WHERE screening_id IN (SELECT screening_id FROM lapsed)
    FOR NO KEY UPDATE SKIP LOCKED
{_EXPIRE}"""  # noqa: S608 - constants of ours
# One board only: whoever waits for a lock holds none of another screening.
_SWEEP_SCREENING = f"""
WITH patience AS (SELECT set_config('lock_timeout', '{MAX_LOCK_WAIT_MS}', true)),
lapsed AS ({_LAPSED} AND screening_id = $2
    {_BY_DEADLINE} LIMIT $1
), board AS (
    SELECT screening_id FROM patience CROSS JOIN screening_board
    WHERE screening_id = $2 FOR NO KEY UPDATE OF screening_board
{_EXPIRE}"""  # noqa: S608 - constants of ours

_DELETE_CLOSED = """
DELETE FROM hold WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM hold
    WHERE state IN ('RELEASED', 'EXPIRED') AND order_id IS NULL
      AND expires_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


@dataclass(frozen=True, slots=True)
class LapsedHoldStore:
    """The port `LapsedHolds`."""

    database: Database

    async def expire(self, max_holds: int) -> Sweep:
        row = await self.database.fetchrow(_SWEEP, max_holds)
        return self._sweep(row, max_holds)

    async def expire_of(self, screening_id: UUID, max_holds: int) -> Sweep:
        try:
            row = await self.database.fetchrow(_SWEEP_SCREENING, max_holds, screening_id)
        except ConcurrentChangeError:
            return Sweep(expired=0, is_all=False)
        return self._sweep(row, max_holds)

    def _sweep(self, row: Record | None, max_holds: int) -> Sweep:
        if row is None:
            raise LookupError("a SELECT without FROM has a row")
        for screening_id in row["screening_ids"]:
            self.database.note(screening_id)
        return Sweep(row["expired"], row["lapsed"] < max_holds, tuple(row["overdue"]))


def hold_retention() -> list[RetentionRule]:
    """Give the rules for holds that ended without an order."""
    return [RetentionRule("hold", _DELETE_CLOSED, CLOSED_HOLDS_KEPT_S)]
