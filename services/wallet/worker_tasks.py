"""Puts wallet's worker process together: its tasks, each supervised by itself."""

import os
import socket
from contextlib import AsyncExitStack
from datetime import timedelta

from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceStub

from services.common.bus.apply import Applier
from services.common.bus.consumer import Consumer
from services.common.bus.feed_client import FeedClient
from services.common.bus.reconciler import Reconciler
from services.common.bus.relay import Relay
from services.common.db.leases import Leases
from services.common.db.retention import RetentionTerms, chassis_rules, delete_expired
from services.common.worker import Worker
from services.wallet.adapters.booking_client import BOOKING, BookingLegs
from services.wallet.adapters.reservations import UndecidedReservations
from services.wallet.composition import Parts, open_parts, subscriptions
from services.wallet.config import WalletSettings
from services.wallet.use_cases.settle_reservations import SettleReservations


async def build_worker(settings: WalletSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    worker = Worker(Leases(parts.database, f"{socket.gethostname()}:{os.getpid()}"))
    add_bus_tasks(worker, parts)
    add_reservation_task(worker, parts)
    add_retention(worker, parts)
    return worker


def add_bus_tasks(worker: Worker, parts: Parts) -> None:
    """Publish our events; consume and reconcile booking's."""
    worker.add("relay", Relay("wallet", parts.database, parts.bus).run, lease=True)
    feeds = FeedClient({BOOKING: parts.booking.stub(EventFeedServiceStub)})
    for subscription in subscriptions(parts):
        source = subscription.source
        applier = Applier(subscription, parts.database)
        worker.add(f"consume-{source}", Consumer("wallet", applier, parts.bus).run)
        worker.add(f"reconcile-{source}", Reconciler(applier, feeds, parts.bus).run, lease=True)


def add_reservation_task(worker: Worker, parts: Parts) -> None:
    """Ask booking about reservations that nobody decided for a while."""
    settings = parts.settings
    settle_reservations = SettleReservations(
        reservations=UndecidedReservations(parts.database),
        decisions=BookingLegs(parts.booking, timedelta(seconds=settings.min_ask_after_s)),
        capture=parts.capture_places,
        release=parts.release_places,
        max_reservations=settings.max_asked_at_once,
        ask_again_after=timedelta(seconds=settings.ask_again_after_s),
    )

    async def settle() -> None:
        await settle_reservations()

    worker.add_periodic("settle-reservations", settle, interval_s=settings.ask_interval_ms / 1_000)


def add_retention(worker: Worker, parts: Parts) -> None:
    """Delete what need not be kept."""
    rules = chassis_rules(RetentionTerms())

    async def delete() -> None:
        await delete_expired(parts.database, rules)

    worker.add_periodic("retention", delete, interval_s=parts.settings.retention_interval_s)
