"""The port `SeatBlocks`: blocked seats in one transaction, under the board's lock."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.boards import SeatBoardStore
from services.booking.domain.errors import SeatUnavailableError
from services.booking.domain.seat_block import SeatBlock
from services.booking.domain.seat_layout import Seat
from services.booking.domain.seats import SeatState
from services.booking.domain.staff import Staff
from services.common.db.database import Database
from services.common.db.retention import RetentionRule
from services.common.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Connection

# Longer than anybody asks why a seat was not sold.
BLOCKS_KEPT_S = 400 * 24 * 3_600.0

_COLUMNS = "seat_id, seat_index, reason, blocked_by, blocked_at"
_IN_THE_WAY = """
SELECT seat_id, state FROM seat_claim
WHERE screening_id = $1 AND seat_id = ANY($2) AND state <> 'BLOCKED'
  AND NOT (state = 'HELD' AND expires_at <= $3)
ORDER BY seat_index"""
_CLAIM = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state)
SELECT $1, seat_id, seat_index, 'BLOCKED'
FROM unnest($2::text[], $3::integer[]) AS wanted (seat_id, seat_index)
ON CONFLICT (screening_id, seat_id) DO UPDATE
SET state = 'BLOCKED', hold_id = NULL, expires_at = NULL WHERE seat_claim.state = 'HELD'
RETURNING seat_index"""
_NOTE = """
INSERT INTO seat_block (screening_id, id, seat_id, seat_index, reason, blocked_by, blocked_at,
                        request_id)
SELECT $1, id, seat_id, seat_index, $5, $6, $7, $8
FROM unnest($2::uuid[], $3::text[], $4::integer[]) AS wanted (id, seat_id, seat_index)
ON CONFLICT (screening_id, seat_id) WHERE unblocked_at IS NULL DO NOTHING"""
_READ = f"""
SELECT {_COLUMNS} FROM seat_block
WHERE screening_id = $1 AND seat_id = ANY($2) AND unblocked_at IS NULL ORDER BY seat_index"""  # noqa: S608 - a constant of ours
_END = f"""
UPDATE seat_block SET unblocked_by = $3, unblocked_at = $4
WHERE screening_id = $1 AND seat_id = ANY($2) AND unblocked_at IS NULL
RETURNING {_COLUMNS}"""  # noqa: S608 - a constant of ours
_FREE = """
DELETE FROM seat_claim WHERE screening_id = $1 AND seat_id = ANY($2) AND state = 'BLOCKED'
RETURNING seat_index"""
_LIST = f"""
SELECT {_COLUMNS} FROM seat_block
WHERE screening_id = $1 AND seat_index > $2 AND unblocked_at IS NULL
ORDER BY seat_index LIMIT $3"""  # noqa: S608 - a constant of ours
_DELETE_OLD = """
DELETE FROM seat_block WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM seat_block
    WHERE blocked_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


@dataclass(slots=True)
class SeatBlockStore:
    """Blocks and frees seats of boards that this transaction has locked."""

    driver: "Connection[Any]"
    board: SeatBoardStore

    async def block(
        self, screening_id: UUID, seats: Sequence[Seat], reason: str, staff: Staff
    ) -> list[SeatBlock]:
        now = self.board.locked(screening_id).lock.now
        ids, indexes = [seat.id for seat in seats], [seat.index for seat in seats]
        in_the_way = await self.driver.fetch(_IN_THE_WAY, screening_id, ids, now)
        if in_the_way:
            raise SeatUnavailableError([(row["seat_id"], row["state"]) for row in in_the_way])
        claimed = await self.driver.fetch(_CLAIM, screening_id, ids, indexes)
        taken = [row["seat_index"] for row in claimed]
        await self.board.write(screening_id, taken, SeatState.BLOCKED)
        keys = [new_id() for _ in seats]
        await self.driver.execute(
            _NOTE, screening_id, keys, ids, indexes, reason, staff.id, now, staff.request_id
        )
        return [_block(row) for row in await self.driver.fetch(_READ, screening_id, ids)]

    async def unblock(
        self, screening_id: UUID, seats: Sequence[Seat], staff: Staff
    ) -> tuple[list[str], list[str]]:
        now = self.board.locked(screening_id).lock.now
        by_id = {seat.id: seat for seat in seats}
        ended = await self.driver.fetch(_END, screening_id, list(by_id), staff.id, now)
        blocked = sorted((row["seat_index"], row["seat_id"]) for row in ended)
        by_plan = [seat_id for _, seat_id in blocked if by_id[seat_id].blocked]
        free = [seat_id for _, seat_id in blocked if not by_id[seat_id].blocked]
        freed = await self.driver.fetch(_FREE, screening_id, free)
        await self.board.write(screening_id, [row["seat_index"] for row in freed], SeatState.FREE)
        return free, by_plan


@dataclass(frozen=True, slots=True)
class SeatBlockReader:
    """The port `BlockList`."""

    database: Database

    async def list(self, screening_id: UUID, after_index: int, limit: int) -> list[SeatBlock]:
        rows = await self.database.fetch(_LIST, screening_id, after_index, limit)
        return [_block(row) for row in rows]


def seat_block_retention() -> RetentionRule:
    """Give the rule for blocks of long ago; the screenings are over."""
    return RetentionRule("seat_block", _DELETE_OLD, BLOCKS_KEPT_S)


def _block(row: Record) -> SeatBlock:
    return SeatBlock(
        row["seat_id"], row["seat_index"], row["reason"], row["blocked_by"], row["blocked_at"]
    )
