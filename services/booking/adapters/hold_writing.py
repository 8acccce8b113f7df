"""Writes holds against boards as they were seen, many in one statement when many come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.hold_rows import (
    NEW_HOLD_COLUMNS,
    TERMS_VALUES,
    seats_json,
    suggestion_bytes,
    terms_json,
)
from services.booking.adapters.seat_maps import BOARD_COLUMNS
from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.seats import SeatMap, SeatState, with_states
from services.booking.use_cases.new_hold import NewHold
from services.common.db.database import Database
from services.common.db.together import PartColumns
from services.common.requests import RequestKey

_COLUMNS = PartColumns(
    "screening_id uuid, id uuid, owner text, channel text, seats_text text, terms_text text, "
    "seen_epoch bigint, seen_facts bigint, span_from integer, span_seen bytea, span_held bytea, "
    "principal text, method text, request_id uuid, fingerprint bytea, answer bytea"
)
# Board, claims, hold and request of each party: they exist only if the seats that it was judged by
# are as they were seen, and a claim or a request that exists already breaks its primary key, which
# undoes all of it. The rest of the board is nobody's concern: only the span is overlaid. The
# deadline is made of the clock that is read once the board's row is ours; when sales ended while it
# was waited for, the hold has no beginning, which its column refuses. The hold is the request's
# stored answer: everything of the first answer can be read from it for ever. A board comes back in
# any case: as it is now, or, where nothing was written, as it was when the statement began.
# Whoever has another live hold of the screening is judged with it under the board's lock.
_WRITE = f"""
WITH wanted AS (
    SELECT asked.*, seats_text::jsonb AS seats, terms_text::jsonb AS terms,
        holds_of(owner, screening_id, $20, {{WAITS}}) AS holds
    FROM ({{ASKED}}) AS asked
){{FREE}}, board AS (
    UPDATE screening_board AS board
    SET revision = board.revision + 1,
        seat_states = overlay(board.seat_states PLACING span_held FROM span_from)
    FROM wanted {{JOIN_FREE}}
    WHERE board.screening_id = wanted.screening_id AND board.epoch = seen_epoch
      AND board.facts_version = seen_facts
      AND substring(board.seat_states FROM span_from FOR length(span_seen)) = span_seen
      AND board.sales_state = 'ON_SALE' AND app_clock() >= board.sales_from
      AND app_clock() < board.sales_until
      AND wanted.holds[1] < $17 AND wanted.holds[2] = 0 AND wanted.holds[3] < $18
      AND wanted.holds[4] < $19
    RETURNING wanted.*, app_clock() AS now, (terms #>> '{{policy,hold_seconds}}')::integer
        * interval '1 second' AS hold_for, board.epoch, board.revision, board.facts_version,
        board.sales_state, board.seat_plan_id, board.seat_states, board.sales_until
), claims AS (
    INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
    SELECT screening_id, seat_id, index, 'HELD', id, now + hold_for
    FROM board, jsonb_to_recordset(seats) AS seat (seat_id text, index integer)
), held AS (
    INSERT INTO hold ({NEW_HOLD_COLUMNS})
    SELECT screening_id, id, owner, channel, 'ACTIVE', seats, {TERMS_VALUES},
        epoch, revision, CASE WHEN now < sales_until THEN now END, now + hold_for, NULL
    FROM board
), answered AS (
    INSERT INTO request (principal, method, request_id, fingerprint, work_id, answer)
    SELECT principal, method, request_id, fingerprint, id, answer FROM board
)
SELECT id, holds, now, screening_id, {BOARD_COLUMNS} FROM board
UNION ALL
SELECT wanted.id, wanted.holds, NULL, wanted.screening_id, {BOARD_COLUMNS}
FROM wanted {{JOIN_FREE}} JOIN screening_board USING (screening_id)
WHERE NOT EXISTS (SELECT FROM board WHERE board.id = wanted.id)"""  # noqa: S608 - constants of ours
_FREE = """, free AS (
    SELECT wanted.id
    FROM screening_board AS board JOIN wanted USING (screening_id)
    WHERE wanted.holds IS NOT NULL
    FOR NO KEY UPDATE OF board SKIP LOCKED
)"""


@dataclass(frozen=True, slots=True)
class Holding:
    """A party's hold as the statement takes it."""

    hold_id: UUID
    values: tuple[Any, ...]


async def write_holds(
    database: Database, parts: Sequence[Holding], *, waits: bool, limits: CallerLimits
) -> list[Record | None]:
    """Write the holds of all parties whose spans are as seen: the `Run` of `Together`."""
    asked, arguments = _COLUMNS.told([part.values for part in parts])
    rows = await database.fetch(
        _write(asked, waits=waits),
        *arguments,
        limits.max_holds,
        limits.max_ordered_holds,
        limits.max_released_holds,
        timedelta(seconds=limits.released_holds_period_s),
    )
    judged = {row["id"]: row for row in rows}
    return [judged.get(part.hold_id) for part in parts]


@cache
def _write(asked: str, *, waits: bool) -> str:
    """Give the statement.

    Unless it waits it leaves out parties whose board, or whose caller's count, somebody has locked.
    """
    write = _WRITE.replace("{ASKED}", asked).replace("{WAITS}", str(waits))
    free, join_free = ("", "") if waits else (_FREE, "JOIN free USING (id)")
    return write.replace("{FREE}", free).replace("{JOIN_FREE}", join_free)


def holding_of(new: NewHold, seen: SeatMap, key: RequestKey) -> Holding:
    """Write down a party's hold, and how its span was seen."""
    first, end = new.span
    span_seen = seen.states[first:end]
    taken = [index - first for index in new.seat_indexes]
    return Holding(
        new.id,
        (
            new.screening_id,
            new.id,
            new.owner,
            new.channel,
            seats_json(new.seats),
            terms_json(new.terms),
            seen.epoch,
            seen.facts_version,
            first + 1,  # SQL counts bytes from one.
            span_seen,
            with_states(span_seen, taken, SeatState.HELD),
            key.principal,
            key.method,
            key.request_id,
            key.fingerprint,
            suggestion_bytes(new.suggestion),
        ),
    )
