"""The heartbeat of what catalog tells: how long ago everything it had told was applied."""

import time
from dataclasses import dataclass, field

from services.common.bus.reconciler import FeedPage, ListEvents
from services.common.db.database import Database
from services.common.single_flight import SingleFlight

READ_EVERY_MS = 1_000

_READ = """
SELECT extract(epoch FROM clock_timestamp() - caught_up_at)::float8 FROM facts_heartbeat"""
_NOTE = """
INSERT INTO facts_heartbeat (caught_up_at) VALUES (clock_timestamp() - make_interval(secs => $1))
ON CONFLICT (only_row) DO UPDATE
SET caught_up_at = greatest(facts_heartbeat.caught_up_at, excluded.caught_up_at)"""


@dataclass(slots=True)
class Heartbeat:
    """Reads the heartbeat, at most once a second in a process."""

    database: Database
    _age_s: float = float("inf")
    _read_at: float = float("-inf")
    _reads: SingleFlight[None] = field(default_factory=SingleFlight)

    async def age_s(self) -> float:
        """Seconds since everything that catalog had told was applied; infinite before the first."""
        if (time.monotonic() - self._read_at) * 1_000 > READ_EVERY_MS:
            await self._reads.run("heartbeat", self._read)
        return self._age_s + (time.monotonic() - self._read_at)

    async def _read(self) -> None:
        read_at = time.monotonic()
        age_s = await self.database.fetchval(_READ)
        self._age_s = float("inf") if age_s is None else age_s
        self._read_at = read_at


@dataclass(slots=True)
class CatchUpWatch:
    """Lists a source's events for its reconciler, and notes when nothing was left to apply.

    A page that ended the feed counts once the reconciler asks behind it: it is applied then.
    """

    list_events: ListEvents
    database: Database
    _ended_at: tuple[int, float] | None = None

    async def __call__(self, source: str, after_feed_number: int, page_size: int) -> FeedPage:
        asked_at = time.monotonic()
        if self._ended_at is not None and after_feed_number >= self._ended_at[0]:
            await self._note(self._ended_at[1])
        self._ended_at = None
        page = await self.list_events(source, after_feed_number, page_size)
        through = page.events[-1].feed_number if page.events else after_feed_number
        if through >= page.last_feed_number:
            self._ended_at = (through, asked_at)
            if not page.events:
                await self._note(asked_at)
        return page

    async def _note(self, asked_at: float) -> None:
        await self.database.execute(_NOTE, time.monotonic() - asked_at)
