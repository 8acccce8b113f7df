"""What the tests of the chassis share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from services.common.bus.apply import Applier
from services.common.bus.consumer import Consumer
from services.common.bus.events import Event, Handler, Subscription
from services.common.bus.feed import Feed
from services.common.bus.feed_client import FeedClient
from services.common.bus.reconciler import Reconciler, ReconcilerLimits
from services.common.db.database import Database
from services.common.db.outbox import OutboxEvent
from services.common.db.transaction import Transaction

SOURCE = "booking"
LISTENER = "payment"


@dataclass
class Sender:
    """Writes events `Told` with their aggregate's next version, each in its own transaction."""

    database: Database
    versions: dict[str, int] = field(default_factory=dict)

    async def tell(self, aggregate_id: str, *, type_: str = "Told", payload: bytes = b"x") -> None:
        version = self.versions[aggregate_id] = self.versions.get(aggregate_id, 0) + 1
        async with self.database.transaction() as tx:
            await tx.outbox.add(OutboxEvent(type_, aggregate_id, version, payload))
            await tx.commit()


async def note_effect(tx: Transaction, event: Event) -> None:
    """An effect that shows when it happens twice: the value counts."""
    await tx.driver.execute(
        "INSERT INTO thing (id, value) VALUES ($1, 1)"
        " ON CONFLICT (id) DO UPDATE SET value = thing.value + 1",
        f"{event.aggregate_id}:{event.aggregate_version}",
    )


async def effects(database: Database) -> dict[str, int]:
    """Each effect and how often it happened."""
    return {row["id"]: row["value"] for row in await database.fetch("SELECT * FROM thing")}


def applier(database: Database, **handlers: Handler) -> Applier:
    return Applier(Subscription(SOURCE, handlers or {"Told": note_effect}), database)


def consumer(applier: Applier, bus: Any) -> Consumer:
    return Consumer(LISTENER, applier, bus)


def reconciler(applier: Applier, source: Database, bus: Any) -> Reconciler:
    """A reconciler that asks the source's feed without a network."""

    class Stub:
        ListEvents = staticmethod(Feed(SOURCE, source).list_events)

    limits = ReconcilerLimits(interval_ms=200, interval_without_bus_ms=200)
    return Reconciler(applier, FeedClient({SOURCE: Stub()}), bus, limits)


@asynccontextmanager
async def background(run: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Let something run while the context is open; a failure of it fails the test."""

    async def awaited() -> None:
        await run()

    task = asyncio.create_task(awaited())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], Awaitable[bool]], *, within_s: float = 15.0) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - what changes is in a database.
            await asyncio.sleep(0.01)
