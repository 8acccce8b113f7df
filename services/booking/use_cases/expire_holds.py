"""Free the seats of lapsed holds."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.ports import LapsedHolds, Transactions
from services.common.errors import ConcurrentChangeError

MAX_HOLDS_PER_SWEEP = 500


@dataclass(frozen=True, slots=True)
class ExpireHolds:
    """End lapsed holds without an order, screening by screening under the board's lock.

    Lapsed holds with an order are their orders': those end them with their payments.
    """

    lapsed_holds: LapsedHolds
    transactions: Transactions

    async def __call__(self) -> int:
        """Sweep once; tells how many holds ended. A board that stays locked is left for later."""
        expired = 0
        for screening_id in await self.lapsed_holds.screenings(MAX_HOLDS_PER_SWEEP):
            with suppress(ConcurrentChangeError):
                expired += await self._sweep(screening_id)
        return expired

    async def _sweep(self, screening_id: UUID) -> int:
        async with self.transactions() as tx:
            await tx.board.lock(screening_id)
            expired = await tx.board.expire_lapsed(screening_id)
            await tx.commit()
        return expired
