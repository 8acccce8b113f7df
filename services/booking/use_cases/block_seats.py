"""Keep seats out of sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.seat_block import BlockedSeats
from services.booking.domain.staff import Staff
from services.booking.use_cases.box_office_ports import BoxOfficeTransactions, Halls
from services.booking.use_cases.seats_of_staff import (
    MAX_TRIES,
    locked_as_seen,
    refuse_another_body,
)
from services.common.errors import ConcurrentChangeError, DomainError
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class BlockSeats:
    """Block seats for staff of the screening's cinema, all or none, under the board's lock.

    Lapsed holds are no obstacle. WRONG_CINEMA, UNKNOWN_SEAT, SEAT_UNAVAILABLE.
    """

    halls: Halls
    transactions: BoxOfficeTransactions

    async def __call__(
        self,
        staff: Staff,
        screening_id: UUID,
        seat_ids: Sequence[str],
        reason: str,
        key: RequestKey,
    ) -> BlockedSeats:
        try:
            return await self._block(staff, screening_id, seat_ids, reason, key)
        except DomainError:
            await refuse_another_body(self.transactions, key)
            raise

    async def _block(
        self,
        staff: Staff,
        screening_id: UUID,
        seat_ids: Sequence[str],
        reason: str,
        key: RequestKey,
    ) -> BlockedSeats:
        for _ in range(MAX_TRIES):
            hall = await self.halls.hall(screening_id)
            staff.must_act_for(hall.facts.cinema_id)
            async with self.transactions() as tx:
                await tx.requests.claim(key)
                if not await locked_as_seen(tx, hall):
                    continue
                seats = [hall.plan.seat(seat_id) for seat_id in seat_ids]
                blocks = await tx.blocks.block(screening_id, seats, reason, staff)
                epoch, revision = await tx.board.version(screening_id)
                blocked = BlockedSeats(blocks, epoch, revision)
                await tx.requests.store(key, blocked)
                await tx.audit.add(staff, "BlockSeats", str(screening_id), (seat_ids, reason))
                await tx.commit()
            return blocked
        raise ConcurrentChangeError
