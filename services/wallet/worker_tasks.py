"""Puts wallet's worker process together: its tasks, each supervised by itself."""

from contextlib import AsyncExitStack
from datetime import timedelta
from email.utils import parseaddr

from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceStub

from services.common.bus.feed_client import FeedClient
from services.common.bus.purge import PURGES_ARE_DUE, BusPurge
from services.common.bus.setup import WorkerParts
from services.common.db.retention import RetentionTerms, chassis_rules
from services.common.mail.letters import Letters
from services.common.mail.queue import MAILS_ARE_DUE
from services.common.mail.sender import MailSender
from services.common.worker import Worker
from services.wallet.adapters.booking_client import BOOKING, BookingLegs
from services.wallet.adapters.card_mails import CardMails
from services.wallet.adapters.payment_client import PAYMENT
from services.wallet.adapters.personal_data_retention import personal_data_rules
from services.wallet.adapters.points import PointReader
from services.wallet.adapters.purchases import PURCHASES_ARE_DUE
from services.wallet.adapters.reservations import RESERVATIONS_ARE_DUE, UndecidedReservations
from services.wallet.composition import Parts, open_parts, subscriptions
from services.wallet.config import WalletSettings
from services.wallet.use_cases.remind import RemindOfExpiry
from services.wallet.use_cases.settle_points import SettlePoints
from services.wallet.use_cases.settle_reservations import SettleReservations


async def build_worker(settings: WalletSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    feeds = {
        name: FeedClient({name: peer.stub(EventFeedServiceStub)})
        for name, peer in ((BOOKING, parts.booking), (PAYMENT, parts.payment))
    }
    rules = [
        *chassis_rules(RetentionTerms.of(settings), mail=True),
        *personal_data_rules(settings),
    ]
    worker = WorkerParts(
        settings, parts.database, parts.bus, rules, subscriptions(parts), feeds
    ).worker()
    purge = BusPurge(settings.service_name, parts.database, parts.bus)
    worker.add_due("purge-bus", purge, due=PURGES_ARE_DUE)
    add_reservation_task(worker, parts)
    add_loyalty_tasks(worker, parts)
    add_sale_tasks(worker, parts)
    return worker


def add_sale_tasks(worker: Worker, parts: Parts) -> None:
    """Drive purchases of cards on, remind of what expires, send e-mails."""
    settings = parts.settings
    drive_purchases = parts.drive_purchases
    remind = RemindOfExpiry(
        parts.transactions,
        timedelta(days=settings.remind_before_days),
        settings.max_reminders_at_once,
    )

    async def drive() -> None:
        await drive_purchases()

    async def remind_of_expiry() -> None:
        await remind()

    worker.add_due("drive-purchases", drive, due=PURCHASES_ARE_DUE)
    worker.add_periodic(
        "remind-of-expiry", remind_of_expiry, interval_s=settings.points_interval_ms / 1_000
    )
    if settings.smtp_address:
        host, _, port = settings.smtp_address.rpartition(":")
        brand, address = parseaddr(settings.mail_from)
        render = CardMails(Letters("services.wallet", brand or address))
        sender = MailSender(
            parts.database,
            render,
            host.strip("[]"),
            int(port),
            settings.mail_from,
            worker.due(MAILS_ARE_DUE),
        )
        worker.add("send-mails", sender.run)


def add_loyalty_tasks(worker: Worker, parts: Parts) -> None:
    """Post and expire points, and give birthday places."""
    settings = parts.settings
    settle_points = SettlePoints(
        parts.transactions,
        PointReader(parts.database, settings.time_zone),
        parts.points_policy,
        settings.max_settled_accounts,
    )
    grant = parts.grant_birthday_places

    async def settle() -> None:
        await settle_points()

    async def grant_birthdays() -> None:
        await grant.today()

    interval_s = settings.points_interval_ms / 1_000
    worker.add_periodic("settle-points", settle, interval_s=interval_s)
    worker.add_periodic("grant-birthday-places", grant_birthdays, interval_s=interval_s)


def add_reservation_task(worker: Worker, parts: Parts) -> None:
    """Ask booking about reservations that nobody decided for a while."""
    settings = parts.settings
    settle_reservations = SettleReservations(
        reservations=UndecidedReservations(parts.database),
        decisions=BookingLegs(parts.booking, timedelta(seconds=settings.min_ask_after_s)),
        capture=parts.capture_leg,
        release=parts.release_leg,
        max_reservations=settings.max_asked_at_once,
        ask_again_after=timedelta(seconds=settings.ask_again_after_s),
    )

    async def settle() -> None:
        await settle_reservations()

    worker.add_due("settle-reservations", settle, due=RESERVATIONS_ARE_DUE)
