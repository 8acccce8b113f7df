"""What the RPC and the worker processes of booking share: database, bus, peers, own copies."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceStub

from services.booking.adapters.catalog_client import CATALOG, CATALOG_SERVICES, CatalogClient
from services.booking.adapters.facts_marks import FactsMarkStore
from services.booking.adapters.heartbeat import CatchUpWatch, Heartbeat
from services.booking.adapters.holds import HoldStore
from services.booking.adapters.payment_client import PAYMENT, PAYMENT_SERVICES
from services.booking.adapters.screening_changes import ScreeningChangeNotes
from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.adapters.screenings import OwnScreenings, SalesFactsSource
from services.booking.adapters.seat_maps import SeatMapReader
from services.booking.adapters.transactions import BookingTransactions
from services.booking.adapters.wallet_client import WALLET, WALLET_SERVICES
from services.booking.config import BookingSettings
from services.booking.handlers.catalog_consumer import CatalogConsumer
from services.booking.order_composition import order_subscriptions
from services.booking.order_parts import ticket_signer
from services.common.bus.connection import BusConnection, open_bus
from services.common.bus.events import Subscription
from services.common.bus.feed_client import FeedClient
from services.common.bus.reconciler import ListEvents
from services.common.bus.wake import RelayWaker
from services.common.db.database import Database
from services.common.db.setup import open_database
from services.common.hints import Hints
from services.common.rpc.client import Peer, open_peer

# Screenings and orders that changed, by ID: the processes that watch them look at once.
CHANGES_CHANNEL = "parterre:booking:changes"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that use cases are made of, one of each in a process."""

    settings: BookingSettings
    database: Database
    hints: Hints
    bus: BusConnection
    catalog: Peer
    wallet: Peer
    payment: Peer
    transactions: BookingTransactions
    maps: SeatMapReader
    holds: HoldStore
    screenings: OwnScreenings


async def open_parts(settings: BookingSettings, stack: AsyncExitStack, *, role: str) -> Parts:
    """Open everything; the stack closes it. Nothing is waited for: readiness tells."""
    bus = open_bus(settings, stack, role=role)
    hints = Hints.from_url(settings.redis_url.get_secret_value(), CHANGES_CHANNEL)
    stack.push_async_callback(hints.close)
    database = open_database(
        settings, role=role, wake_relay=RelayWaker(bus, "booking"), note=hints.note
    )
    stack.push_async_callback(database.close)
    catalog = open_peer(settings, CATALOG, settings.catalog_address, CATALOG_SERVICES)
    stack.push_async_callback(catalog.close)
    wallet = open_peer(settings, WALLET, settings.wallet_address, WALLET_SERVICES)
    stack.push_async_callback(wallet.close)
    payment = open_peer(settings, PAYMENT, settings.payment_address, PAYMENT_SERVICES)
    stack.push_async_callback(payment.close)
    maps = SeatMapReader(database)
    transactions = BookingTransactions(database)
    return Parts(
        settings=settings,
        database=database,
        hints=hints,
        bus=bus,
        catalog=catalog,
        wallet=wallet,
        payment=payment,
        transactions=transactions,
        maps=maps,
        holds=HoldStore(database, transactions, maps, settings.caller_limits()),
        screenings=own_screenings(database, maps, CatalogClient(catalog)),
    )


def own_screenings(
    database: Database, maps: SeatMapReader, catalog: SalesFactsSource
) -> OwnScreenings:
    """Put booking's copy of catalog together."""
    return OwnScreenings(ScreeningCopies(database), maps, Heartbeat(database), catalog)


def subscriptions(parts: Parts) -> list[Subscription]:
    """List what booking wants to hear from the other services."""
    orders = order_subscriptions(ticket_signer(parts.settings))
    return [CatalogConsumer(FactsMarkStore, ScreeningChangeNotes).subscription(), *orders]


def feeds(parts: Parts) -> dict[str, ListEvents]:
    """Give the way to each source's feed, for its reconciler."""
    peers = {CATALOG: parts.catalog, WALLET: parts.wallet, PAYMENT: parts.payment}
    feed = FeedClient({name: peer.stub(EventFeedServiceStub) for name, peer in peers.items()})
    return {CATALOG: CatchUpWatch(feed, parts.database), WALLET: feed, PAYMENT: feed}
