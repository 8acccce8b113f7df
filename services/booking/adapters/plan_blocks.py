"""What a seat plan, and staff, keep out of sale when a board gets a plan."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.booking.domain.seats import SeatPlan

if TYPE_CHECKING:
    from asyncpg import Connection

# Seats that staff have blocked stay blocked in another plan that has seats of their names.
BLOCKED_BY_STAFF = """
SELECT seat_id FROM seat_block WHERE screening_id = $1 AND unblocked_at IS NULL"""
_MOVE = """
UPDATE seat_block SET seat_index = moved.seat_index
FROM unnest($2::text[], $3::integer[]) AS moved (seat_id, seat_index)
WHERE screening_id = $1 AND seat_block.seat_id = moved.seat_id AND unblocked_at IS NULL"""
_END = """
UPDATE seat_block SET unblocked_by = 'seat plan', unblocked_at = app_clock()
WHERE screening_id = $1 AND seat_id <> ALL ($2) AND unblocked_at IS NULL"""
# What a plan keeps out of sale is claimed as anything else is: nobody can hold it.
_UNBLOCK = "DELETE FROM seat_claim WHERE screening_id = $1 AND state = 'BLOCKED'"
_BLOCK = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state)
SELECT $1, seat_id, seat_index, 'BLOCKED'
FROM unnest($2::text[], $3::integer[]) AS blocked (seat_id, seat_index)"""


async def write_blocks(
    driver: "Connection[Any]", screening_id: UUID, plan: SeatPlan | None
) -> Sequence[int]:
    """Claim what the plan or staff keep out of sale; gives the seats' places."""
    await driver.execute(_UNBLOCK, screening_id)
    rows = await driver.fetch(BLOCKED_BY_STAFF, screening_id)
    if plan is None:
        return ()
    by_staff = [plan.seats[row["seat_id"]] for row in rows if row["seat_id"] in plan.seats]
    if rows:
        ids, indexes = [seat.id for seat in by_staff], [seat.index for seat in by_staff]
        await driver.execute(_MOVE, screening_id, ids, indexes)
        await driver.execute(_END, screening_id, ids)
    blocked = {seat.id: seat.index for seat in (*plan.blocked_seats(), *by_staff)}
    if blocked:
        await driver.execute(_BLOCK, screening_id, list(blocked), list(blocked.values()))
    return list(blocked.values())
