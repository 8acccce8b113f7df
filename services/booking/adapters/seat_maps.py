"""Reads seat maps, each a single row, and keeps the newest of each screening for a moment."""

import time
from dataclasses import dataclass, field
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.boards import ON_SALE
from services.booking.domain.seats import SeatMap
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database
from services.common.single_flight import SingleFlight

MAX_CACHED_MAPS = 5_000

_READ = """
SELECT epoch, revision, facts_version, sales_state, seat_plan_id, seat_states
FROM screening_board WHERE screening_id = $1"""


@dataclass(slots=True)
class SeatMapReader:
    """The seat maps of one process. Readers of the same screening share one read."""

    database: Database
    _maps: BoundedCache[UUID, tuple[SeatMap, float]] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_MAPS)
    )
    _reads: SingleFlight[SeatMap | None] = field(default_factory=SingleFlight)

    async def read(self, screening_id: UUID, *, max_age_ms: int) -> SeatMap | None:
        """Give a map at most so old, or None when there is no board. 0 reads after the call."""
        if max_age_ms == 0:
            return await self._read(screening_id)
        known = self._maps.get(screening_id)
        if known is not None and (time.monotonic() - known[1]) * 1_000 <= max_age_ms:
            return known[0]
        return await self._reads.run(screening_id, lambda: self._read(screening_id))

    def remember(self, seat_map: SeatMap, read_at: float) -> None:
        """Keep a map that was true at `read_at` (monotonic), unless a newer one is known."""
        known = self._maps.get(seat_map.screening_id)
        if known is None or _order(seat_map) >= _order(known[0]):
            self._maps.put(seat_map.screening_id, (seat_map, read_at))

    async def _read(self, screening_id: UUID) -> SeatMap | None:
        read_at = time.monotonic()
        row = await self.database.fetchrow(_READ, screening_id)
        if row is None:
            return None
        seat_map = _map_of(screening_id, row)
        self.remember(seat_map, read_at)
        return seat_map


def _map_of(screening_id: UUID, row: Record) -> SeatMap:
    return SeatMap(
        screening_id=screening_id,
        seat_plan_id=row["seat_plan_id"],
        epoch=row["epoch"],
        revision=row["revision"],
        facts_version=row["facts_version"],
        on_sale=row["sales_state"] == ON_SALE,
        states=row["seat_states"],
    )


def _order(seat_map: SeatMap) -> tuple[int, int, int]:
    return seat_map.epoch, seat_map.revision, seat_map.facts_version
