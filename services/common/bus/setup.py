"""Builds the bus parts of a process: the connection, and the tasks of a worker."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection
from services.common.bus.consumer import Consumer
from services.common.bus.events import Subscription
from services.common.bus.reconciler import ListEvents, Reconciler
from services.common.bus.relay import Relay
from services.common.config import ServiceSettings
from services.common.db.database import Database
from services.common.db.leases import Leases
from services.common.db.retention import RetentionRule, delete_expired
from services.common.ids import new_id
from services.common.worker import Worker

RETENTION_INTERVAL_S = 60.0


def make_bus(settings: ServiceSettings, *, role: str) -> BusConnection:
    """Make the process's connection; nothing connects before `run`."""
    name = f"{settings.service_name}-{role}"
    return BusConnection(settings.nats_url.get_secret_value(), name)


@asynccontextmanager
async def running_bus(bus: BusConnection) -> AsyncIterator[BusConnection]:
    """Keep the connection while the context is open: for RPC processes, which only wake relays."""
    task = asyncio.create_task(bus.run(), name="bus")
    try:
        yield bus
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await bus.close()


def make_leases(database: Database) -> Leases:
    """Make the leases of this process, under a name that no other process has."""
    return Leases(database, f"{socket.gethostname()}:{os.getpid()}:{new_id()}")


@dataclass(frozen=True, slots=True)
class BusParts:
    """What a service's worker needs for its events."""

    service: str
    database: Database
    bus: BusConnection
    subscriptions: Sequence[Subscription]
    list_events: ListEvents
    retention: Sequence[RetentionRule]

    def add_to(self, worker: Worker) -> None:
        """Add relay, consumers, reconcilers and retention; the worker closes nothing."""
        worker.add("bus", self.bus.run)
        worker.add("relay", Relay(self.service, self.database, self.bus).run, lease=True)
        for subscription in self.subscriptions:
            applier = Applier(subscription, self.database)
            consumer = Consumer(self.service, applier, self.bus)
            reconciler = Reconciler(applier, self.list_events, self.bus)
            worker.add(f"consume-{subscription.source}", consumer.run)
            worker.add(f"reconcile-{subscription.source}", reconciler.run, lease=True)
        worker.add_periodic("retention", self._delete_expired, interval_s=RETENTION_INTERVAL_S)

    async def _delete_expired(self) -> None:
        await delete_expired(self.database, self.retention)
