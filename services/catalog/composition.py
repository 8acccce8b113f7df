"""What the RPC and the worker processes of catalog share: database and bus."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from services.catalog.adapters.booking_client import BOOKING, BOOKING_SERVICES
from services.catalog.adapters.price_reads import PriceReadRows
from services.catalog.adapters.programme import ProgrammeRows
from services.catalog.adapters.programme_versions import ProgrammeVersions
from services.catalog.adapters.terms_reads import TermsReadRows
from services.catalog.adapters.transactions import CatalogTransactions
from services.catalog.config import CatalogSettings
from services.common.bus.connection import BusConnection, open_bus
from services.common.bus.wake import RelayWaker
from services.common.db.database import Database
from services.common.db.setup import open_database
from services.common.rpc.client import Peer, open_peer


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that use cases are made of, one of each in a process."""

    settings: CatalogSettings
    database: Database
    bus: BusConnection
    booking: Peer
    transactions: CatalogTransactions
    programme: ProgrammeRows
    versions: ProgrammeVersions
    prices: PriceReadRows
    terms: TermsReadRows


async def open_parts(settings: CatalogSettings, stack: AsyncExitStack, *, role: str) -> Parts:
    """Open everything; the stack closes it. Nothing is waited for: readiness tells."""
    bus = open_bus(settings, stack, role=role)
    database = open_database(settings, role=role, wake_relay=RelayWaker(bus, "catalog"))
    stack.push_async_callback(database.close)
    booking = open_peer(settings, BOOKING, settings.booking_address, BOOKING_SERVICES)
    stack.push_async_callback(booking.close)
    versions = ProgrammeVersions(database, settings.max_listing_age_ms / 1_000)
    prices = PriceReadRows(database)
    return Parts(
        settings=settings,
        database=database,
        bus=bus,
        booking=booking,
        transactions=CatalogTransactions(database, versions.expire, settings.import_limits()),
        versions=versions,
        programme=ProgrammeRows(database, prices),
        prices=prices,
        terms=TermsReadRows(database),
    )
