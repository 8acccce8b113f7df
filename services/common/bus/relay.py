"""The relay: gives committed events their feed number, then gives them to the bus.

Numbering never waits for the bus: consumers can pull an event as soon as it has its number. Only
one relay should run per service (a lease), but two do no harm: numbers are given under a row lock,
and the bus drops what was published twice.
"""

import asyncio
from dataclasses import dataclass, field

from nats.aio.msg import Msg

from services.common.bus import metrics
from services.common.bus.connection import BusConnection
from services.common.bus.events import Event, wake_subject
from services.common.bus.publisher import Published, Publisher
from services.common.db.database import Database

_WAITING = "SELECT EXISTS (SELECT FROM outbox WHERE feed_number IS NULL)"
# Two statements, one round trip, one transaction: the second one's snapshot is taken under the
# lock, so that no number is given twice or left out.
_NUMBER = """
SELECT 1 FROM relay_state FOR UPDATE;
WITH waiting AS (
    SELECT id, sequence FROM outbox WHERE feed_number IS NULL ORDER BY sequence LIMIT 1000
), numbered AS (
    SELECT id, row_number() OVER (ORDER BY sequence) AS step FROM waiting
), state AS (
    UPDATE relay_state SET last_feed_number = last_feed_number + (SELECT count(*) FROM numbered)
    RETURNING last_feed_number - (SELECT count(*) FROM numbered) AS base
)
UPDATE outbox SET feed_number = state.base + numbered.step
FROM numbered, state WHERE outbox.id = numbered.id"""
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
    """How the relay paces itself."""

    poll_interval_ms: int = 50
    max_pending_events: int = 500
    max_in_flight_publishes: int = 200
    first_wait_ms: int = 50
    max_wait_ms: int = 2_000
    gauge_interval_ms: int = 1_000


@dataclass(slots=True)
class Relay:
    """The relay of one service's database. `run` works until it is cancelled."""

    service: str
    database: Database
    bus: BusConnection
    limits: RelayLimits = field(default_factory=RelayLimits)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _numbered: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until cancelled; the first failure of a part ends all of it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen_for_wakes())
            group.create_task(self._number_forever())
            group.create_task(self._publish_forever())
            group.create_task(self._gauge_forever())

    async def number(self) -> int:
        """Give feed numbers to what is committed and has none; tells how many it gave."""
        if not await self.database.fetchval(_WAITING):
            return 0
        async with self.database.driver() as driver:
            tag = await driver.execute(_NUMBER)
        return int(tag.rsplit(" ", 1)[-1])

    async def read(self, after_feed_number: int, limit: int) -> list[Event]:
        """Read numbered events in feed order."""
        rows = await self.database.fetch(_READ, after_feed_number, limit)
        return [Event(source=self.service, **dict(row)) for row in rows]

    async def _listen_for_wakes(self) -> None:
        client = await self.bus.connected()

        async def wake(_: Msg) -> None:
            self._woken.set()

        await client.subscribe(wake_subject(self.service), cb=wake)

    async def _number_forever(self) -> None:
        while True:
            self._woken.clear()
            if await self.number():
                self._numbered.set()
                continue
            await _wait(self._woken, self.limits.poll_interval_ms)

    async def _publish_forever(self) -> None:
        publisher = Publisher(self.service, self.bus, self.limits.max_in_flight_publishes)
        published = Published(
            await self.database.fetchval("SELECT published_through FROM relay_state")
        )
        wait_ms = self.limits.first_wait_ms
        while True:
            self._numbered.clear()
            room = self.limits.max_pending_events - len(published.pending)
            if room > 0:
                published.expect(await self.read(published.read_through, room))
            if not published.pending:
                if self.bus.is_up:
                    await publisher.prepare()
                # Also looks for what a former relay numbered and never published.
                await _wait(self._numbered, self.limits.max_wait_ms)
                continue
            before = published.through
            await publisher.publish(published)
            if published.through > before:
                await self.database.execute(_MARK, published.through)
            if published.pending:
                await asyncio.sleep(wait_ms / 1_000)
                wait_ms = min(wait_ms * 2, self.limits.max_wait_ms)
            else:
                wait_ms = self.limits.first_wait_ms

    async def _gauge_forever(self) -> None:
        while True:
            row = await self.database.fetchrow(_BACKLOG)
            if row is not None:
                metrics.outbox_backlog.set(row["events"])
                metrics.outbox_oldest_age.set(row["oldest_age"])
            await asyncio.sleep(self.limits.gauge_interval_ms / 1_000)


async def _wait(event: asyncio.Event, at_most_ms: float) -> None:
    try:
        async with asyncio.timeout(at_most_ms / 1_000):
            await event.wait()
    except TimeoutError:
        return
