"""Takes seats under a board's lock, those of lapsed holds in place."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.booking.domain.errors import SeatUnavailableError

if TYPE_CHECKING:
    from asyncpg import Connection

_OTHERS = """
SELECT seat_id, state FROM seat_claim
WHERE screening_id = $1 AND seat_id = ANY($2) AND NOT (state = 'HELD' AND expires_at <= $3)
ORDER BY seat_index"""

_HOLD = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
SELECT $1, seat_id, seat_index, 'HELD', $4, $5
FROM unnest($2::text[], $3::integer[]) AS wanted (seat_id, seat_index)
ON CONFLICT (screening_id, seat_id) DO UPDATE
SET hold_id = excluded.hold_id, expires_at = excluded.expires_at
WHERE seat_claim.state = 'HELD' AND seat_claim.expires_at <= $6
RETURNING seat_id"""


async def must_be_takeable(
    driver: "Connection[Any]", screening_id: UUID, seats: Mapping[str, int], now: datetime
) -> None:
    """Raise SEAT_UNAVAILABLE unless nobody has a live claim on any of the seats."""
    rows = await driver.fetch(_OTHERS, screening_id, list(seats), now)
    if rows:
        raise SeatUnavailableError([(row["seat_id"], row["state"]) for row in rows])


async def hold_seats(
    driver: "Connection[Any]",
    screening_id: UUID,
    seats: Mapping[str, int],
    hold_id: UUID,
    *,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Claim seats (their places on the board by ID) that are takeable for a hold."""
    ids, indexes = list(seats), list(seats.values())
    rows = await driver.fetch(_HOLD, screening_id, ids, indexes, hold_id, expires_at, now)
    if len(rows) != len(seats):
        raise LookupError(f"claims of screening {screening_id} changed under its board's lock")
