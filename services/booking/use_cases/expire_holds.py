"""Free the seats of lapsed holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.worker_ports import LapsedHolds

MAX_HOLDS_PER_SWEEP = 500


@dataclass(frozen=True, slots=True)
class ExpireHolds:
    """End lapsed holds without an order.

    Lapsed holds with an order are their orders': those end them with their payments.
    """

    lapsed_holds: LapsedHolds

    async def __call__(self) -> int:
        """Sweep until nothing is left that can be had; tells how many holds ended."""
        expired = 0
        while True:
            sweep = await self.lapsed_holds.expire(MAX_HOLDS_PER_SWEEP)
            expired += sweep.expired
            if sweep.is_all or not sweep.expired:
                return expired + await self._expire_overdue(sweep.overdue)

    async def _expire_overdue(self, screening_ids: Sequence[UUID]) -> int:
        """Wait in turn where others always were first."""
        expired = 0
        for screening_id in screening_ids:
            sweep = await self.lapsed_holds.expire_of(screening_id, MAX_HOLDS_PER_SWEEP)
            expired += sweep.expired
        return expired
