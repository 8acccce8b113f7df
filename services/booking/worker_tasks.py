"""Puts booking's worker process together: its tasks, each supervised by itself."""

import os
import socket
from contextlib import AsyncExitStack

from services.booking.adapters.facts_marks import DueChanges
from services.booking.adapters.lapsed_holds import LapsedHoldFinder, hold_retention
from services.booking.composition import Parts, feeds, open_parts, subscriptions
from services.booking.config import BookingSettings
from services.booking.order_parts import add_order_tasks
from services.booking.use_cases.expire_holds import ExpireHolds
from services.common.bus.apply import Applier
from services.common.bus.consumer import Consumer
from services.common.bus.reconciler import Reconciler
from services.common.bus.relay import Relay
from services.common.db.leases import Leases
from services.common.db.retention import RetentionTerms, chassis_rules, delete_expired
from services.common.worker import Worker


async def build_worker(settings: BookingSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    worker = Worker(Leases(parts.database, f"{socket.gethostname()}:{os.getpid()}"))
    add_bus_tasks(worker, parts)
    add_seat_tasks(worker, parts)
    add_order_tasks(worker, parts, stack)
    add_retention(worker, parts)
    return worker


def add_bus_tasks(worker: Worker, parts: Parts) -> None:
    """Publish our events; consume and reconcile the others'."""
    worker.add("relay", Relay("booking", parts.database, parts.bus).run, lease=True)
    list_events = feeds(parts)
    for subscription in subscriptions(parts):
        source = subscription.source
        applier = Applier(subscription, parts.database)
        worker.add(f"consume-{source}", Consumer("booking", applier, parts.bus).run)
        reconciler = Reconciler(applier, list_events[source], parts.bus)
        worker.add(f"reconcile-{source}", reconciler.run, lease=True)


def add_seat_tasks(worker: Worker, parts: Parts) -> None:
    """Free lapsed holds; let announced prices and terms come into force."""
    settings = parts.settings
    expire_holds = ExpireHolds(LapsedHoldFinder(parts.database), parts.transactions)
    due_changes = DueChanges(parts.database)

    async def sweep_holds() -> None:
        await expire_holds()

    async def mark_due_changes() -> None:
        await due_changes()

    worker.add_periodic(
        "sweep-holds", sweep_holds, interval_s=settings.hold_sweep_interval_ms / 1_000
    )
    worker.add_periodic(
        "due-changes", mark_due_changes, interval_s=settings.facts_change_interval_ms / 1_000
    )


def add_retention(worker: Worker, parts: Parts) -> None:
    """Delete what need not be kept."""
    rules = [*chassis_rules(RetentionTerms(), mail=True), *hold_retention()]

    async def delete() -> None:
        await delete_expired(parts.database, rules)

    worker.add_periodic("retention", delete, interval_s=parts.settings.retention_interval_s)
