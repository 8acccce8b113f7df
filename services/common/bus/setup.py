"""Puts a service's worker together: what every one of them does for events and retention."""

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection
from services.common.bus.consumer import Consumer
from services.common.bus.events import Subscription
from services.common.bus.reconciler import ListEvents, Reconciler, ReconcilerLimits
from services.common.bus.relay import UNNUMBERED, Relay
from services.common.config import ServiceSettings
from services.common.db.database import Database
from services.common.db.leases import Leases
from services.common.db.retention import RetentionRule, delete_expired
from services.common.ids import new_id
from services.common.lookout import Lookout
from services.common.worker import Worker


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """What a service's worker is made of; `feeds` has the feed of each subscription's source."""

    settings: ServiceSettings
    database: Database
    bus: BusConnection
    retention: Sequence[RetentionRule]
    subscriptions: Sequence[Subscription] = ()
    feeds: Mapping[str, ListEvents] = field(default_factory=dict)

    def worker(self) -> Worker:
        """Make a worker with the relay, a reconciler and mostly a consumer a source, and retention."""
        lookout = Lookout(self.database, self.settings.look_interval_ms)
        worker = Worker(Leases(self.database, _owner()), lookout)
        service = self.settings.service_name
        relay = Relay(service, self.database, self.bus, worker.due(UNNUMBERED))
        worker.add("relay", relay.run, lease=True)
        for subscription in self.subscriptions:
            source = subscription.source
            applier = Applier(subscription, self.database)
            limits = ReconcilerLimits()
            if subscription.paged_every_ms is None:
                worker.add(f"consume-{source}", Consumer(service, applier, self.bus).run)
            else:
                limits = ReconcilerLimits(interval_ms=subscription.paged_every_ms)
            reconciler = Reconciler(applier, self.feeds[source], self.bus, limits)
            worker.add(f"reconcile-{source}", reconciler.run, lease=True)
        interval_s = self.settings.retention_interval_s
        worker.add_periodic("retention", self._delete_expired, interval_s=interval_s)
        return worker

    async def _delete_expired(self) -> None:
        await delete_expired(self.database, self.retention)


def _owner() -> str:
    """Name this process as no other is named, also after it is started again."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
