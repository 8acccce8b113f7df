"""A board under its lock: how it is locked, and what is known of it then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.booking.use_cases.ports import BoardLock

ON_SALE, MOVING = "ON_SALE", "MOVING"

# The clock is read outside of the locking part, so after the lock was granted.
LOCK_BOARD = """
WITH board AS (
    SELECT epoch, revision, facts_version, sales_state, sales_from, sales_until, seat_states
    FROM screening_board WHERE screening_id = $1
    FOR UPDATE
)
SELECT board.*, app_clock() AS now FROM board"""


@dataclass(slots=True)
class LockedBoard:
    """What the locked board's row holds, kept in step with what this transaction writes."""

    lock: BoardLock
    revision: int
    seat_states: bytes
    sales_from: datetime
    sales_until: datetime

    @property
    def in_sales_window(self) -> bool:
        return self.lock.on_sale and self.sales_from <= self.lock.now < self.sales_until


def locked_board(screening_id: UUID, row: Record) -> LockedBoard:
    """Make the board of a row of `LOCK_BOARD`."""
    lock = BoardLock(
        screening_id=screening_id,
        now=row["now"],
        on_sale=row["sales_state"] == ON_SALE,
        is_moving=row["sales_state"] == MOVING,
        epoch=row["epoch"],
        revision=row["revision"],
        facts_version=row["facts_version"],
    )
    return LockedBoard(
        lock=lock,
        revision=row["revision"],
        seat_states=row["seat_states"],
        sales_from=row["sales_from"],
        sales_until=row["sales_until"],
    )
