"""Pulls from a source's feed what the inbox lacks: the guarantee, where the bus is the speed."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from asyncpg import Record

from services.common.bus import metrics
from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection
from services.common.bus.events import Event
from services.common.errors import DomainError
from services.common.logging import get_logger

PAGE_SIZE = 200
MAX_SKIPPED_AT_ONCE = 10_000

_OPEN = """
INSERT INTO feed_position (source) VALUES ($1) ON CONFLICT DO NOTHING"""
# The position, how far the inbox already holds every number after it, so that nothing is asked
# twice, and whether anything waits for its predecessor.
_KNOWN = """
SELECT reconciled_through, EXISTS (SELECT FROM parked_event WHERE source = $1) AS has_parked,
    (SELECT coalesce(max(feed_number), reconciled_through) FROM (
        SELECT feed_number, feed_number - row_number() OVER (ORDER BY feed_number) AS island
        FROM (SELECT DISTINCT feed_number FROM inbox
              WHERE source = $1 AND feed_number > reconciled_through
              ORDER BY feed_number LIMIT $2) held
    ) numbered WHERE island = reconciled_through) AS held_through
FROM feed_position WHERE source = $1"""
_MOVE = """
UPDATE feed_position SET reconciled_through = $2 WHERE source = $1 AND reconciled_through < $2"""
_RESET_POSITION = "UPDATE feed_position SET reconciled_through = 0 WHERE source = $1"
_RESET_NUMBERS = "UPDATE inbox SET feed_number = 0 WHERE source = $1 AND feed_number > 0"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A part of a feed, in order: what `EventFeedService.ListEvents` answers."""

    events: Sequence[Event]
    first_feed_number: int
    last_feed_number: int


# Lists the events of a source after a feed number. Raises DependencyUnavailableError.
ListEvents = Callable[[str, int, int], Awaitable[FeedPage]]


@dataclass(frozen=True, slots=True)
class ReconcilerLimits:
    """How often a feed is asked: more often while the bus is down."""

    interval_ms: int = 5_000
    interval_without_bus_ms: int = 500


@dataclass(slots=True)
class Reconciler:
    """Keeps one source's position in its feed and applies what the bus did not bring."""

    applier: Applier
    list_events: ListEvents
    bus: BusConnection
    limits: ReconcilerLimits = ReconcilerLimits()

    async def run(self) -> None:
        """Work until cancelled: on start, then every few seconds, page after page."""
        while True:
            try:
                while await self.reconcile():
                    pass
            except (DomainError, OSError) as error:
                _log.info("feed_unreachable", source=self.applier.source, problem=str(error))
            interval_ms = (
                self.limits.interval_ms if self.bus.is_up else self.limits.interval_without_bus_ms
            )
            await asyncio.sleep(interval_ms * random.uniform(0.8, 1.2) / 1_000)  # noqa: S311

    async def reconcile(self) -> bool:
        """Work on one page; tells whether there is another."""
        source, database = self.applier.source, self.applier.database
        known = await self._known()
        position: int = known["held_through"]
        page = await self.list_events(source, position, PAGE_SIZE)
        metrics.feed_lag.labels(source).set(page.last_feed_number - position)
        if page.last_feed_number < position:
            await self._begin_anew()
            return True
        # The feed starts later than we asked: what came before is no longer kept.
        late = page.first_feed_number > position + 1
        again = await self.applier.apply(page.events, first_may_be_late=late)
        last = page.events[-1].feed_number if page.events else position
        settled_through = min((event.feed_number - 1 for event in again), default=last)
        if settled_through > known["reconciled_through"]:
            await database.execute(_MOVE, source, settled_through)
        if known["has_parked"]:
            await self.applier.release()
        return len(page.events) == PAGE_SIZE and not again

    async def _known(self) -> Record:
        source, database = self.applier.source, self.applier.database
        while (row := await database.fetchrow(_KNOWN, source, MAX_SKIPPED_AT_ONCE)) is None:
            await database.execute(_OPEN, source)
        return row

    async def _begin_anew(self) -> None:
        """Read the whole feed again: the source lost its newest numbers and gives them again."""
        _log.error("feed_went_backwards", source=self.applier.source)
        metrics.feed_resets.labels(self.applier.source).inc()
        async with self.applier.database.transaction() as tx:
            await tx.driver.execute(_RESET_POSITION, self.applier.source)
            await tx.driver.execute(_RESET_NUMBERS, self.applier.source)
            await tx.commit()
