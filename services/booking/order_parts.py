"""Opens what the orders need in a process: keys, peers, background, the worker's tasks."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING

from services.booking.adapters.cinema_words import CatalogWords
from services.booking.adapters.complaint_mails import COMPLAINT_MAILS, ComplaintMails
from services.booking.adapters.complaints import ComplaintReader
from services.booking.adapters.door_screenings import OwnDoorScreenings
from services.booking.adapters.order_mails import OrderMails
from services.booking.adapters.order_sql import SOME_ARE_DUE, SOME_ARE_EXPIRED
from services.booking.adapters.order_tokens import HmacOrderTokens
from services.booking.adapters.outage_sql import SOME_ARE_HIT
from services.booking.adapters.payment_client import PaymentClient
from services.booking.adapters.provider_outages import KnownOutages
from services.booking.adapters.qr_images import qr_png
from services.booking.adapters.remedy_offers import OFFERS_ARE_DUE
from services.booking.adapters.ticket_keys import TicketKeys
from services.booking.adapters.ticket_links import TicketLinks
from services.booking.adapters.ticket_signer import Ed25519TicketSigner
from services.booking.adapters.wallet_client import WalletCards
from services.booking.adapters.wallet_legs_client import WalletLegs
from services.booking.adapters.wallet_vouchers_client import WalletVouchers
from services.booking.config import BookingSettings
from services.booking.domain.resending import ResendLimit
from services.booking.handlers.order_tasks import OrderTasks
from services.booking.order_composition import OrderPorts, OrderUseCases, order_use_cases
from services.common.config import SettingsError
from services.common.mail.letters import Letters
from services.common.mail.message import Rendered
from services.common.mail.queue import MAILS_ARE_DUE, Mail
from services.common.mail.sender import MailSender
from services.common.worker import Worker

if TYPE_CHECKING:
    from services.booking.composition import Parts

BACKGROUND_GRACE_MS = 3_000


def open_orders(parts: "Parts", stack: AsyncExitStack) -> OrderUseCases:
    """Make the use cases of a process; the stack ends what runs in the background."""
    settings = parts.settings
    wallet = WalletLegs(parts.wallet, settings.order_call_timeout_ms)
    orders = order_use_cases(
        OrderPorts(
            database=parts.database,
            holds=parts.holds,
            screenings=parts.screenings,
            known_screenings=OwnDoorScreenings(parts.screenings.copies, parts.screenings),
            cards=WalletCards(parts.wallet, settings.tender_call_timeout_ms),
            vouchers=WalletVouchers(parts.wallet, settings.tender_call_timeout_ms),
            places=wallet,
            points=wallet,
            payments=PaymentClient(parts.payment, settings.order_call_timeout_ms),
            outages=KnownOutages(parts.database),
            outage_extension=timedelta(seconds=settings.outage_extension_s),
            signer=ticket_signer(settings),
            tokens=order_tokens(settings),
            ticket_image_url=ticket_links(settings).url_of,
            resend_limit=ResendLimit(
                settings.max_resent_confirmations,
                timedelta(seconds=settings.resent_confirmations_period_s),
            ),
            max_background_orders=settings.max_background_orders,
        )
    )
    stack.push_async_callback(orders.background.finish, BACKGROUND_GRACE_MS)
    return orders


def ticket_signer(settings: BookingSettings) -> Ed25519TicketSigner:
    """Read the key that signs tickets."""
    return Ed25519TicketSigner.from_file(_required(settings.ticket_key_file, "TICKET_KEY_FILE"))


def ticket_keys(settings: BookingSettings) -> TicketKeys:
    """Read the keys that tickets are verified with: the signing one, and those of the file."""
    return TicketKeys(ticket_signer(settings).key.public_key(), settings.ticket_public_keys_file)


def order_tokens(settings: BookingSettings) -> HmacOrderTokens:
    """Read the secret of the guests' order tokens."""
    return HmacOrderTokens(_order_secret(settings))


def ticket_links(settings: BookingSettings) -> TicketLinks:
    """Read the secret of the links to tickets' images."""
    return TicketLinks(_order_secret(settings), settings.image_url)


def add_order_tasks(worker: Worker, parts: "Parts", stack: AsyncExitStack) -> None:
    """Drive orders, expire them, send their e-mails. Each worker process takes its own share."""
    orders = open_orders(parts, stack)
    tasks = OrderTasks(orders.store, orders.drive_order, orders.expire_order, orders.extend_orders)

    async def drive() -> None:
        await tasks.drive_due()

    async def expire() -> None:
        await tasks.expire_due()

    async def extend() -> None:
        await tasks.extend_due()

    worker.add_due("drive-orders", drive, due=SOME_ARE_DUE, lease=False)
    worker.add_due("expire-orders", expire, due=SOME_ARE_EXPIRED, lease=False)
    worker.add_due("extend-orders", extend, due=SOME_ARE_HIT)

    async def settle_offers() -> None:
        await orders.remedies.settle_offers()

    worker.add_due("settle-offers", settle_offers, due=OFFERS_ARE_DUE, lease=False)
    if parts.settings.smtp_address:
        sender = _mail_sender(parts, orders, worker.due(MAILS_ARE_DUE))
        worker.add("send-mails", sender.run)


def _mail_sender(parts: "Parts", orders: OrderUseCases, due: asyncio.Event) -> MailSender:
    settings = parts.settings
    wallet = WalletLegs(parts.wallet, settings.order_call_timeout_ms)
    host, _, port = settings.smtp_address.rpartition(":")
    brand, address = parseaddr(settings.mail_from)
    letters, words = Letters("services.booking", brand or address), CatalogWords(parts.catalog)
    about_orders = OrderMails(
        orders=orders.store,
        voucher_code=wallet.voucher_code,
        now=parts.screenings.facts,
        words=words,
        letters=letters,
        draw=qr_png,
        public_url=settings.public_url,
        address=address,
    )
    complaints = ComplaintReader(parts.database)
    about_complaints = ComplaintMails(complaints, orders.store, words, letters, settings.public_url)

    async def render(mail: Mail) -> Rendered:
        return await (about_complaints if mail.kind in COMPLAINT_MAILS else about_orders)(mail)

    return MailSender(parts.database, render, host.strip("[]"), int(port), settings.mail_from, due)


def _order_secret(settings: BookingSettings) -> bytes:
    path = _required(settings.order_token_secret_file, "ORDER_TOKEN_SECRET_FILE")
    return path.read_bytes().strip()


def _required(path: Path | None, name: str) -> Path:
    if path is None:
        raise SettingsError(f"PARTERRE_BOOKING_{name} is needed")
    return path
