"""Let blocked seats be sold again."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.seat_block import UnblockedSeats
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
class UnblockSeats:
    """Free what staff have blocked, under the board's lock; what the plan blocks stays blocked.

    WRONG_CINEMA, UNKNOWN_SEAT.
    """

    halls: Halls
    transactions: BoxOfficeTransactions

    async def __call__(
        self, staff: Staff, screening_id: UUID, seat_ids: Sequence[str], key: RequestKey
    ) -> UnblockedSeats:
        try:
            return await self._unblock(staff, screening_id, seat_ids, key)
        except DomainError:
            await refuse_another_body(self.transactions, key)
            raise

    async def _unblock(
        self, staff: Staff, screening_id: UUID, seat_ids: Sequence[str], key: RequestKey
    ) -> UnblockedSeats:
        for _ in range(MAX_TRIES):
            hall = await self.halls.hall(screening_id)
            staff.must_act_for(hall.facts.cinema_id)
            async with self.transactions() as tx:
                await tx.requests.claim(key)
                if not await locked_as_seen(tx, hall):
                    continue
                seats = [hall.plan.seat(seat_id) for seat_id in seat_ids]
                freed, by_plan = await tx.blocks.unblock(screening_id, seats, staff)
                epoch, revision = await tx.board.version(screening_id)
                unblocked = UnblockedSeats(freed, by_plan, epoch, revision)
                await tx.requests.store(key, unblocked)
                await tx.audit.add(staff, "UnblockSeats", str(screening_id), (seat_ids, freed))
                await tx.commit()
            return unblocked
        raise ConcurrentChangeError
