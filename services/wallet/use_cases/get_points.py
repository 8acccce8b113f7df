"""Show an account's points."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.wallet.use_cases.points_ports import ListedPointEntry, Points, PointsRead


@dataclass(frozen=True, slots=True)
class GetPoints:
    """Give what can be redeemed, what is pending, what is owed, and what expires next."""

    points: Points

    async def __call__(self, account_id: UUID) -> PointsRead:
        return await self.points.read(account_id)


@dataclass(frozen=True, slots=True)
class ListPointEntries:
    """List a page of what happened, newest first."""

    points: Points

    async def __call__(
        self, account_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedPointEntry]:
        return await self.points.entries(account_id, before, limit)
