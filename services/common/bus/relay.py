"""The relay: gives committed events their feed number, then gives them to the bus.

Numbering never waits for the bus: consumers can pull an event as soon as it has its number. Only
one relay should run per service (a lease), but two do no harm: who numbers says from which number
on, and the bus drops what was published twice.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from asyncpg import Record
from nats.aio.msg import Msg

from services.common.bus import metrics
from services.common.bus.connection import BusConnection
from services.common.bus.events import Event, wake_subject
from services.common.bus.publisher import Published, Publisher
from services.common.db.database import Database

MAX_NUMBERED_AT_ONCE = 500

# What the lookout wakes the relay for: somebody's commit that no wake-up told of.
UNNUMBERED = "(SELECT true FROM outbox WHERE feed_number IS NULL ORDER BY sequence LIMIT 1)"

_LAST = "SELECT last_feed_number FROM relay_state"
# One statement, one durable commit for many events. Whoever numbers moves the last number, so when
# it is still the expected one under the row's lock, nobody has numbered since we learnt it, and
# this statement's snapshot, taken later, is true. Else nothing happens: the rows come back without
# a number.
_NUMBER = """
WITH waiting AS (
    SELECT id, row_number() OVER (ORDER BY sequence) AS step
    FROM (SELECT id, sequence FROM outbox WHERE feed_number IS NULL ORDER BY sequence LIMIT $2)
), state AS (
    UPDATE relay_state SET last_feed_number = $1 + (SELECT count(*) FROM waiting)
    WHERE last_feed_number = $1 AND EXISTS (SELECT FROM waiting)
    RETURNING true
), numbered AS (
    UPDATE outbox SET feed_number = $1 + waiting.step
    FROM waiting, state WHERE outbox.id = waiting.id
    RETURNING outbox.*
)
SELECT id, type, aggregate_id, aggregate_version, numbered.feed_number, occur_time, correlation_id,
       traceparent, payload
FROM waiting LEFT JOIN numbered USING (id) ORDER BY step"""
_READ = """
SELECT id, type, aggregate_id, aggregate_version, feed_number, occur_time, correlation_id,
       traceparent, payload
FROM outbox WHERE feed_number > $1 ORDER BY feed_number LIMIT $2"""
# Losing this mark in a crash only publishes again, so the commit need not wait for the disk.
_MARK = """
WITH loose AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE relay_state SET published_through = $1 FROM loose WHERE published_through < $1"""
_BACKLOG = """
SELECT last_feed_number - published_through
         + (SELECT count(*) FROM outbox WHERE feed_number IS NULL) AS events,
       coalesce(extract(epoch FROM clock_timestamp() - least(
           (SELECT write_time FROM outbox WHERE feed_number = published_through + 1),
           (SELECT write_time FROM outbox WHERE feed_number IS NULL ORDER BY sequence LIMIT 1)
       )), 0)::float8 AS oldest_age
FROM relay_state"""


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """How the relay paces itself.

    It is woken for what somebody waits for, and by the lookout for the rest: so events that nobody
    waits for share numbers' commits and messages' wake-ups with each other.
    """

    # Should nobody wake us.
    poll_interval_ms: int = 5_000
    # Nobody can tell us of a commit then.
    poll_interval_without_bus_ms: int = 50
    # However often it is woken: commits that come together are numbered, published and consumed
    # together, which spares each part of the way as much again.
    min_interval_ms: int = 40
    max_pending_events: int = 500
    max_events_per_acknowledgement: int = 200
    first_wait_ms: int = 50
    max_wait_ms: int = 2_000
    # Into the table, for what another relay numbered and did not publish.
    look_interval_ms: int = 10_000
    # Notes how far all is published.
    mark_interval_ms: int = 1_000
    # Measures the backlog.
    measure_interval_ms: int = 10_000


@dataclass(slots=True)
class Relay:
    """The relay of one service's database. `run` works until it is cancelled.

    Whoever sets `woken` has it number what is committed.
    """

    service: str
    database: Database
    bus: BusConnection
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    limits: RelayLimits = field(default_factory=RelayLimits)
    _numbered: asyncio.Event = field(default_factory=asyncio.Event)
    # The last feed number as we know it; None: to be read.
    _last: int | None = None
    # The newest numbered events without a gap, so that they need not be read again.
    _fresh: deque[Event] = field(init=False)

    def __post_init__(self) -> None:
        self._fresh = deque(maxlen=self.limits.max_pending_events)

    async def run(self) -> None:
        """Work until cancelled; the first failure of a part ends all of it."""
        published = Published(
            await self.database.fetchval("SELECT published_through FROM relay_state")
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen_for_wakes())
            group.create_task(self._number_forever())
            group.create_task(self._publish_forever(published))
            group.create_task(self._mark_forever(published))
            group.create_task(self._measure_forever())

    async def number(self) -> int:
        """Give feed numbers to what is committed and has none; tells how many it gave."""
        while True:
            if self._last is None:
                self._last = int(await self.database.fetchval(_LAST))
            rows = await self.database.fetch(_NUMBER, self._last, MAX_NUMBERED_AT_ONCE)
            if not rows:
                return 0
            if rows[0]["feed_number"] is not None:
                self._fresh.extend(self._event(row) for row in rows)
                self._last += len(rows)
                return len(rows)
            # Another relay has numbered since.
            self._last = None
            self._fresh.clear()

    async def read(self, after_feed_number: int, limit: int) -> list[Event]:
        """Read numbered events in feed order."""
        rows = await self.database.fetch(_READ, after_feed_number, limit)
        return [self._event(row) for row in rows]

    def _event(self, row: Record) -> Event:
        return Event(source=self.service, **dict(row))

    async def _listen_for_wakes(self) -> None:
        client = await self.bus.connected()

        async def wake(_: Msg) -> None:
            self.woken.set()

        await client.subscribe(wake_subject(self.service), cb=wake)

    async def _number_forever(self) -> None:
        limits = self.limits
        while True:
            self.woken.clear()
            numbered = await self.number()
            if numbered:
                self._numbered.set()
                await asyncio.sleep(limits.min_interval_ms / 1_000)
            if numbered < MAX_NUMBERED_AT_ONCE:
                is_up = self.bus.is_up
                await _wait(
                    self.woken,
                    limits.poll_interval_ms if is_up else limits.poll_interval_without_bus_ms,
                )

    async def _publish_forever(self, published: Published) -> None:
        publisher = Publisher(self.service, self.bus, self.limits.max_events_per_acknowledgement)
        wait_ms = self.limits.first_wait_ms
        # Into the table, for what a former relay numbered and never published.
        must_look = True
        while True:
            self._numbered.clear()
            room = self.limits.max_pending_events - len(published.pending)
            events = await self._next(published.read_through, room, must_look=must_look)
            must_look = bool(events) and len(events) == room
            published.expect(events)
            if not published.pending:
                is_ready = self.bus.is_up and await publisher.prepare() is not None
                limits = self.limits
                must_look = not await _wait(
                    self._numbered, limits.look_interval_ms if is_ready else limits.max_wait_ms
                )
                continue
            await publisher.publish(published)
            if published.pending:
                await asyncio.sleep(wait_ms / 1_000)
                wait_ms = min(wait_ms * 2, self.limits.max_wait_ms)
            else:
                wait_ms = self.limits.first_wait_ms

    async def _next(self, after: int, limit: int, *, must_look: bool) -> list[Event]:
        fresh = self._fresh
        while fresh and fresh[0].feed_number <= after:
            fresh.popleft()
        if limit and (must_look or (fresh and fresh[0].feed_number > after + 1)):
            return await self.read(after, limit)
        return [fresh.popleft() for _ in range(min(limit, len(fresh)))]

    async def _mark_forever(self, published: Published) -> None:
        marked = published.through
        while True:
            if published.through > marked:
                marked = published.through
                await self.database.execute(_MARK, marked)
            await asyncio.sleep(self.limits.mark_interval_ms / 1_000)

    async def _measure_forever(self) -> None:
        while True:
            row = await self.database.fetchrow(_BACKLOG)
            if row is not None:
                metrics.outbox_backlog.set(row["events"])
                metrics.outbox_oldest_age.set(row["oldest_age"])
            await asyncio.sleep(self.limits.measure_interval_ms / 1_000)


async def _wait(event: asyncio.Event, at_most_ms: float) -> bool:
    """Wait for the event; false when the time was over first."""
    try:
        async with asyncio.timeout(at_most_ms / 1_000):
            await event.wait()
    except TimeoutError:
        return False
    return True
