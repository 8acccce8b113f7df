"""What a service did about a purchase, told line by line for whoever has to explain it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from asyncpg import Record

MAX_STORY_LINES = 300


@dataclass(frozen=True, slots=True)
class StoryLine:
    """Something that happened; `detail` holds no personal data, `correlation_id` may be ""."""

    time: datetime
    what: str
    detail: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """The newest lines, oldest first; `is_cut` when there were older ones."""

    lines: Sequence[StoryLine] = ()
    is_cut: bool = False


class Fetcher(Protocol):
    """What can run a statement."""

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class StoryReader:
    """Reads the story of a purchase by a statement.

    It takes the purchase's ID as $1 and gives `time`, `what`, `detail` and `correlation_id`.
    """

    database: Fetcher
    sql: str

    async def __call__(self, reference_id: UUID) -> Story:
        query = f"SELECT * FROM ({self.sql}) line ORDER BY time DESC LIMIT {MAX_STORY_LINES + 1}"  # noqa: S608 - ours
        rows = await self.database.fetch(query, reference_id)
        lines = [
            StoryLine(row["time"], row["what"], row["detail"], row["correlation_id"])
            for row in rows[:MAX_STORY_LINES]
        ]
        return Story(lines[::-1], len(rows) > MAX_STORY_LINES)
