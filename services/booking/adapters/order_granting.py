"""Grants payments that came in time and sells the seats, many in one statement when many come."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.order_saving import saving_of
from services.booking.adapters.order_sql import AS_IT_WAS, MOVE, MOVING
from services.booking.domain.order import Order
from services.common.db.database import Database
from services.common.db.outbox import Trace
from services.common.db.together import PartColumns, once_each

_COLUMNS = PartColumns(f"{MOVE.columns}, hold_id uuid, attempt integer, seat_count integer")
# The boards' rows are taken first, the clock is read after them, and then each seat must still be the
# hold's. The seats' places on a board never change and may be read before. When anything is not as it
# must be, the decision has no value, which its column refuses: then nothing happened at all.
_GRANT = f"""WITH {{SHARED}}board AS (
    UPDATE screening_board AS b
    SET revision = b.revision + 1, seat_states = with_seat_states(b.seat_states, ARRAY(
        SELECT seat_index FROM seat_claim AS c
        WHERE c.screening_id = b.screening_id AND c.hold_id = ANY(boards.hold_ids)
          AND c.state = 'HELD'), 3)
    FROM {{BOARDS}}
    WHERE b.screening_id = boards.screening_id AND b.sales_state = 'ON_SALE'
    RETURNING b.screening_id, app_clock() AS now
), moved AS ({MOVING}
    FROM {{WANTED}} JOIN board USING (screening_id){AS_IT_WAS} AND o.expires_at > board.now
    RETURNING o.version, board.now, o.screening_id, o.id, wanted.hold_id
), sold AS (
    UPDATE seat_claim SET state = 'SOLD', order_id = moved.id, expires_at = NULL
    FROM moved
    WHERE seat_claim.screening_id = moved.screening_id AND seat_claim.hold_id = moved.hold_id
      AND state = 'HELD' AND expires_at > moved.now
    RETURNING moved.id
)
INSERT INTO payment_decision (screening_id, order_id, attempt, decision, decided_at)
SELECT wanted.screening_id, wanted.id, attempt,
    CASE WHEN (SELECT count(*) FROM sold WHERE sold.id = wanted.id) = seat_count THEN 'GRANT' END,
    (SELECT now FROM moved WHERE moved.id = wanted.id)
FROM {{GRANTED}}
RETURNING order_id AS id, (SELECT version FROM moved WHERE moved.id = order_id) AS version"""  # noqa: S608 - constants of ours
# Leaves out screenings whose board somebody else has locked.
_SHARED = """wanted AS ({WANTED}), free AS (
    SELECT screening_id FROM screening_board
    WHERE screening_id = ANY(ARRAY(SELECT screening_id FROM wanted))
    FOR NO KEY UPDATE SKIP LOCKED
), boards AS (
    SELECT screening_id, array_agg(hold_id) AS hold_ids FROM wanted JOIN free USING (screening_id)
    GROUP BY screening_id
), """
_ONE_BOARD = "(SELECT $1::uuid AS screening_id, ARRAY[${HOLD}::uuid] AS hold_ids) AS boards"


@dataclass(frozen=True, slots=True)
class Granting:
    """A grant as the statement takes it."""

    order_id: UUID
    values: tuple[Any, ...]


@once_each(lambda part: part.order_id)
async def grant_orders(
    database: Database, parts: Sequence[Granting], /, *, waits: bool
) -> list[Record | None]:
    """Grant all parts: the `Run` of `Together`. NotNullViolationError when one is not as it was."""
    wanted, arguments = _COLUMNS.told([part.values for part in parts])
    rows = await database.fetch(_grant(wanted, waits=waits), *arguments)
    granted = {row["id"]: row for row in rows}
    return [granted.get(part.order_id) for part in parts]


def granting_of(order: Order, trace: Trace) -> Granting:
    """Write down the grant that an order has just got."""
    (decision,) = order.new_decisions
    moves = saving_of(order, trace).values
    return Granting(order.id, (*moves, order.hold_id, decision.attempt, len(order.lines)))


@cache
def _grant(wanted: str, *, waits: bool) -> str:
    """Give the statement; unless it waits it leaves out whose board somebody else has locked."""
    if waits:  # Plain values stand where they are used: no part of the plan of their own.
        alone = f"({wanted}) AS wanted"
        boards = _ONE_BOARD.replace("{HOLD}", str(len(MOVE) + 1))
        return _GRANT.format(SHARED="", BOARDS=boards, WANTED=alone, GRANTED=alone)
    return _GRANT.format(
        SHARED=_SHARED.replace("{WANTED}", wanted),
        BOARDS="boards",
        WANTED="wanted",
        GRANTED="wanted JOIN free USING (screening_id)",
    )
