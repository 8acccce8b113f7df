"""Booking on a real PostgreSQL with the test clock, and a catalog that answers at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import services.booking
from deploy.local.databases import ServiceDatabase
from services.booking.adapters.heartbeat import Heartbeat
from services.booking.adapters.holds import HoldStore
from services.booking.adapters.lapsed_holds import LapsedHoldStore
from services.booking.adapters.price_tables import PriceTableStore
from services.booking.adapters.screening_copies import ScreeningCopies
from services.booking.adapters.screenings import OwnScreenings
from services.booking.adapters.seat_maps import SeatMapReader
from services.booking.adapters.transactions import BookingTransactions
from services.booking.domain.caller_limits import CallerLimits
from services.booking.use_cases.change_hold import ChangeHold
from services.booking.use_cases.expire_holds import ExpireHolds
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.get_seat_map import GetSeatMap
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.release_hold import ReleaseHold
from services.common.db.database import Database
from services.common.db.engine import EngineLimits, create_engine
from services.common.db.migrations import MigrationPlan, migrate_async
from services.common.single_flight import KeyedLocks
from tests.kit.booking_prices import FakePromotions
from tests.kit.booking_seats import FakeCatalog, sales_facts
from tests.kit.databases import DatabaseFactory

FOLDER = Path(services.booking.__file__).parent / "migrations"


async def migrate_booking(database: ServiceDatabase) -> None:
    plan = MigrationPlan(database.owner_url, database.service, FOLDER, test_clock=True)
    await migrate_async(plan)


@dataclass
class Process:
    """One process of booking, as far as seats go: its own connections and its own caches."""

    database: Database
    catalog: FakeCatalog
    limits: CallerLimits = field(default_factory=CallerLimits)

    def __post_init__(self) -> None:
        self.maps = SeatMapReader(self.database)
        self.copies = ScreeningCopies(self.database)
        self.screenings = OwnScreenings(
            self.copies, self.maps, Heartbeat(self.database), self.catalog
        )
        self.transactions = BookingTransactions(self.database)
        self.holds = HoldStore(self.database, self.transactions, self.maps, self.limits)
        self.promotions = FakePromotions(self.catalog.answers, {"SPRING": 20, "AUTUMN": 10})
        self.price_tables = PriceTableStore(self.database)
        self.hold_seats = HoldSeats(
            self.screenings,
            self.promotions,
            self.price_tables,
            self.holds,
            KeyedLocks(),
            self.limits,
        )
        self.get_hold = GetHold(self.holds)
        self.change_hold = ChangeHold(
            self.get_hold,
            self.screenings,
            self.promotions,
            self.price_tables,
            self.transactions,
            self.limits,
        )
        self.get_seat_map = GetSeatMap(self.screenings, 0)
        self.release_hold = ReleaseHold(self.get_hold, self.transactions)
        self.expire_holds = ExpireHolds(LapsedHoldStore(self.database))

    async def states(self, screening_id: UUID) -> list[int]:
        return list((await self.get_seat_map(screening_id, epoch=0, min_revision=0)).states)

    async def move_clock(self, seconds: float) -> None:
        await self.database.execute(
            "UPDATE app_clock_offset SET offset_seconds = offset_seconds + $1", seconds
        )


async def somebody_waits(process: Process) -> None:
    """Return once a connection of this database waits for a lock."""
    waiters = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not await process.database.fetchval(waiters):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)


@pytest.fixture
def booking_database(databases: DatabaseFactory) -> ServiceDatabase:
    return databases.create("booking", migrate_booking)


@pytest.fixture
async def new_process(
    booking_database: ServiceDatabase, catalog: FakeCatalog
) -> AsyncIterator[Callable[..., Process]]:
    """Starts processes of booking that share the database and catalog."""
    async with AsyncExitStack() as stack:

        def start(lock_timeout_ms: int = 5_000, **limits: int) -> Process:
            pool = EngineLimits(
                pool_size=8, pool_timeout_ms=10_000, lock_timeout_ms=lock_timeout_ms
            )
            engine = create_engine(booking_database.app_url, application_name="test", limits=pool)
            database = Database(engine)
            stack.push_async_callback(database.close)
            return Process(database, catalog, CallerLimits(**limits))

        yield start


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog()


@pytest.fixture
def process(new_process: Callable[..., Process]) -> Process:
    return new_process()


@pytest.fixture
def screening_id(catalog: FakeCatalog) -> UUID:
    return catalog.publish(sales_facts(uuid4()))
