"""What the import needs: the reader of the feed, and the stage that its rows go through."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from services.catalog.domain.feed_rows import FeedFilm, FeedRow
from services.catalog.domain.hall_occupancy import Claim, Slot
from services.catalog.domain.import_profile import ImportProfile
from services.catalog.domain.imported_row import ImportedRow
from services.catalog.domain.seat_plan import SeatPlan
from services.catalog.domain.seat_plan_source import ReadOptions, ReadPlan

# A file that was received whole; may be read several times.
Upload: TypeAlias = Callable[[], AsyncIterator[bytes]]
ReadSeatPlan: TypeAlias = Callable[[bytes, ReadOptions], ReadPlan]
PackSeatPlan: TypeAlias = Callable[[SeatPlan], bytes]
ReadProgramme: TypeAlias = Callable[
    [AsyncIterator[bytes], Mapping[str, ImportProfile]], AsyncGenerator[FeedRow, None]
]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many screenings an import made and changed, and how many are not sold online."""

    created: int
    updated: int
    not_sold: int


class ImportStage(Protocol):
    """One import inside its transaction: rows are staged, then stored all at once."""

    async def begin(self) -> None:
        """Give this transaction the time that an import may take."""
        ...

    async def add(self, rows: Sequence[tuple[int, ImportedRow, bytes]]) -> None:
        """Stage rows: position in the feed, row, hash of its content."""
        ...

    async def save_films(self, films: Mapping[str, FeedFilm]) -> int:
        """Store films by their feed ID; tells how many are new or changed."""
        ...

    async def create_halls(self, names: Sequence[str]) -> int:
        """Make the halls that are missing; tells how many."""
        ...

    async def claims(self) -> tuple[list[Slot], list[Claim]]:
        """Give the slots of other screenings near, and what the staged rows want."""
        ...

    async def drop(self, indices: Sequence[int]) -> dict[int, str]:
        """Unstage rows; gives their feed IDs."""
        ...

    async def store(self) -> Stored:
        """Store what is staged, and tell what is new and what changed."""
        ...
