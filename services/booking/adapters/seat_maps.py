"""Reads seat maps, each a single row, and keeps the newest of each screening for a moment."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.locked_boards import ON_SALE
from services.booking.domain.seats import SeatMap
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database
from services.common.gathering import Gathering

MAX_CACHED_MAPS = 5_000

BOARD_COLUMNS = (
    "epoch, revision, facts_version, sales_state, seat_plan_id, seat_states,"
    " pg_postmaster_start_time() AS server_start"
)

_READ = f"""
SELECT screening_id, {BOARD_COLUMNS}
FROM screening_board WHERE screening_id = ANY($1::uuid[])"""  # noqa: S608 - a constant of ours

_READ_MOVED = f"""
SELECT screening_id, {BOARD_COLUMNS}
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::timestamptz[])
    AS seen (screening_id, was_epoch, was_revision, was_server_start)
JOIN screening_board USING (screening_id)
WHERE (epoch, revision, pg_postmaster_start_time())
    <> (was_epoch, was_revision, was_server_start)"""  # noqa: S608 - a constant of ours


class _Wish(NamedTuple):
    screening_id: UUID
    not_before: float  # Monotonic: a map that was read then, or later, will do.


@dataclass(slots=True)
class SeatMapReader:
    """The seat maps of one process. What many want to read at once is read together."""

    database: Database
    _maps: BoundedCache[UUID, tuple[SeatMap, float]] = field(
        default_factory=lambda: BoundedCache(MAX_CACHED_MAPS)
    )
    _reads: Gathering[_Wish, SeatMap | None] = field(init=False)

    def __post_init__(self) -> None:
        self._reads = Gathering(self._read)

    async def read(self, screening_id: UUID, *, max_age_ms: int) -> SeatMap | None:
        """Give a map at most so old, or None when there is no board. 0 reads after the call."""
        wish = _Wish(screening_id, time.monotonic() - max_age_ms / 1_000)
        return self._known(wish) or await self._reads.ask(wish)

    async def read_moved(self, seen: Sequence[SeatMap]) -> list[SeatMap]:
        """Read the maps of boards that are not as they were seen, or not on the same server."""
        read_at = time.monotonic()
        rows = await self.database.fetch(
            _READ_MOVED,
            [seat_map.screening_id for seat_map in seen],
            [seat_map.epoch for seat_map in seen],
            [seat_map.revision for seat_map in seen],
            [seat_map.server_start for seat_map in seen],
        )
        moved = [map_of(row) for row in rows]
        for seat_map in moved:
            self.remember(seat_map, read_at)
        return moved

    def remember(self, seat_map: SeatMap, read_at: float) -> None:
        """Keep a map that was true at `read_at` (monotonic), unless a newer one is known."""
        known = self._maps.get(seat_map.screening_id)
        if known is None or _order(seat_map) >= _order(known[0]):
            self._maps.put(seat_map.screening_id, (seat_map, read_at))

    def _known(self, wish: _Wish) -> SeatMap | None:
        known = self._maps.get(wish.screening_id)
        return known[0] if known is not None and known[1] >= wish.not_before else None

    async def _read(self, wishes: Sequence[_Wish]) -> Sequence[SeatMap | None]:
        """Read what was not read meanwhile."""
        known = [self._known(wish) for wish in wishes]
        wanted = {
            wish.screening_id for wish, there in zip(wishes, known, strict=True) if there is None
        }
        read: dict[UUID, SeatMap] = {}
        if wanted:
            read_at = time.monotonic()
            for row in await self.database.fetch(_READ, list(wanted)):
                seat_map = map_of(row)
                read[seat_map.screening_id] = seat_map
                self.remember(seat_map, read_at)
        return [
            there or read.get(wish.screening_id) for wish, there in zip(wishes, known, strict=True)
        ]


def map_of(row: Record) -> SeatMap:
    """Make the map of a row with the screening's ID and `BOARD_COLUMNS`."""
    return SeatMap(
        screening_id=row["screening_id"],
        seat_plan_id=row["seat_plan_id"],
        epoch=row["epoch"],
        revision=row["revision"],
        facts_version=row["facts_version"],
        on_sale=row["sales_state"] == ON_SALE,
        states=row["seat_states"],
        server_start=row["server_start"],
    )


def _order(seat_map: SeatMap) -> tuple[int, int, int]:
    return seat_map.epoch, seat_map.revision, seat_map.facts_version
