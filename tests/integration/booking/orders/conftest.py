"""A shop: booking's orders on a real PostgreSQL, with a wallet and a payment in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.booking.adapters.door_screenings import OwnDoorScreenings
from services.booking.adapters.provider_outages import KnownOutages
from services.booking.counter_composition import CounterPorts, counter_of
from services.booking.desk_composition import Desk, DeskPorts, desk_of
from services.booking.domain.decision import Decision
from services.booking.domain.hold import Hold
from services.booking.domain.order import Order
from services.booking.domain.order_lines import PlaceTender
from services.booking.domain.remedy import Remedy
from services.booking.domain.remedy_rules import RemedyWish
from services.booking.order_composition import OrderPorts, OrderUseCases, order_use_cases
from services.booking.use_cases.order_ports import Reader
from services.common.money import Money
from services.common.requests import RequestKey
from tests.integration.booking.conftest import Process
from tests.integration.booking.orders.serving import GUEST as CALLING_GUEST
from tests.integration.booking.orders.serving import Calls, serving
from tests.kit.booking_desk import FakeCalendar, FakeStory, comment_limit, fake_stories
from tests.kit.booking_orders import (
    ACCOUNT,
    ACCOUNT_ID,
    GUEST,
    SIGNER,
    TOKENS,
    FakePayments,
    FakeWallet,
    a_purchase,
    an_order_key,
)
from tests.kit.booking_seats import HOLD_SECONDS, a_key, a_wish

MAX_COMMENTS, MAX_COMPLAINTS = 2, 3
AS_GUEST = Reader(GUEST)
AS_ACCOUNT = Reader(ACCOUNT, ACCOUNT_ID)
ANY_REMEDY = RemedyWish()


def remedy_key(owner: str = GUEST) -> RequestKey:
    """The key of a request for a remedy, whose answer is the remedy's ID."""
    key = an_order_key(owner, method="RequestRemedy")
    return replace(key, pack=lambda order: str(order.remedy.id).encode())


@dataclass
class Shop:
    """One process of booking. Nothing runs in the background: tests drive orders themselves."""

    process: Process
    wallet: FakeWallet = field(default_factory=FakeWallet)
    payments: FakePayments = field(default_factory=FakePayments)
    calendar: FakeCalendar = field(default_factory=FakeCalendar)
    stories: list[FakeStory] = field(default_factory=fake_stories)

    def __post_init__(self) -> None:
        self.use: OrderUseCases = order_use_cases(
            OrderPorts(
                database=self.process.database,
                holds=self.process.holds,
                screenings=self.process.screenings,
                known_screenings=OwnDoorScreenings(self.process.copies, self.process.screenings),
                cards=self.wallet,
                vouchers=self.wallet,
                places=self.wallet,
                points=self.wallet,
                payments=self.payments,
                outages=KnownOutages(self.process.database, read_every_ms=0),
                outage_extension=timedelta(minutes=5),
                signer=SIGNER,
                tokens=TOKENS,
                max_background_orders=0,
            )
        )
        self.counter = counter_of(
            CounterPorts(
                database=self.process.database,
                orders=self.use,
                hold_seats=self.process.hold_seats,
                holds=self.process.holds,
                screenings=self.process.screenings,
                known_screenings=OwnDoorScreenings(self.process.copies, self.process.screenings),
                signer=SIGNER,
            )
        )
        self.desk: Desk = desk_of(
            DeskPorts(
                self.process.database,
                self.use,
                self.calendar,
                comment_limit(max_comments_per_caller=MAX_COMMENTS),
                MAX_COMPLAINTS,
                self.stories,
            )
        )

    async def hold(
        self, screening_id: UUID, seat_ids: Sequence[str] = ("A1", "A2"), *, owner: str = GUEST
    ) -> Hold:
        wish = a_wish(screening_id, seat_ids, owner=owner)
        return await self.process.hold_seats(wish, a_key(owner))

    async def place(
        self, screening_id: UUID, seat_ids: Sequence[str] = ("A1", "A2"), *, owner: str = GUEST
    ) -> Order:
        """A guest's order that awaits its payment."""
        hold = await self.hold(screening_id, seat_ids, owner=owner)
        return await self.use.place_order(a_purchase(hold, owner=owner), an_order_key(owner))

    async def place_by_card(
        self, hold: Hold, card_id: UUID, seat_ids: Sequence[str], key: RequestKey | None = None
    ) -> Order:
        """An account's order with some seats paid by places."""
        tenders = (PlaceTender(card_id, tuple(seat_ids)),)
        purchase = a_purchase(hold, owner=ACCOUNT, account_id=ACCOUNT_ID, tenders=tenders)
        return await self.use.place_order(purchase, key or an_order_key(ACCOUNT))

    async def pay(self, order: Order, attempt: int = 1) -> Decision:
        """The customer pays on the provider's page, and payment asks for the decision."""
        self.payments.authorize(order, attempt)
        decision = await self.decide(order.id, attempt, order.money_due)
        if decision.granted:
            self.payments.granted.add((order.id, attempt))
        return decision

    async def decide(self, order_id: UUID, attempt: int, amount: Money) -> Decision:
        return (await self.use.decide_authorization(order_id, attempt, amount)).decision

    async def buy(self, screening_id: UUID, seat_ids: Sequence[str] = ("A1", "A2")) -> Order:
        """A confirmed order."""
        order = await self.place(screening_id, seat_ids)
        await self.pay(order)
        return await self.drive(order)

    async def drive(self, order: Order) -> Order:
        await self.use.drive_order(order.id, is_leased=True)
        return await self.read(order)

    async def ask_remedy(
        self,
        order: Order,
        reader: Reader = AS_GUEST,
        *,
        wish: RemedyWish = ANY_REMEDY,
        key: RequestKey | None = None,
    ) -> Remedy:
        """The buyer asks for what is due; gives it as the answer that is kept has it."""
        asked = await self.use.remedies.request_remedy(
            order.id, reader, wish, key or remedy_key(reader.principal)
        )
        assert asked.remedy is not None
        return asked.remedy

    async def expire_due(self) -> int:
        expired = 0
        for screening_id, order_id in await self.use.store.list_expired(100):
            expired += await self.use.expire_order(screening_id, order_id)
        return expired

    async def read(self, order: Order) -> Order:
        return await self.use.store.read(order.id, with_timeline=True)

    async def past_deadline(self, seconds: float = 0) -> None:
        await self.process.move_clock(HOLD_SECONDS + seconds)

    async def events(self, order: Order) -> list[str]:
        rows = await self.process.database.fetch(
            "SELECT type FROM outbox WHERE aggregate_id = $1 ORDER BY aggregate_version",
            str(order.id),
        )
        return [row["type"] for row in rows]

    async def revision(self, screening_id: UUID) -> int:
        revision: int = await self.process.database.fetchval(
            "SELECT revision FROM screening_board WHERE screening_id = $1", screening_id
        )
        return revision

    async def count(self, table: str) -> int:
        count: int = await self.process.database.fetchval(f"SELECT count(*) FROM {table}")
        return count


@pytest.fixture
def shop(process: Process) -> Shop:
    return Shop(process)


StopClock = Callable[[datetime], Awaitable[None]]


@pytest.fixture
def stop_clock(booking_database: ServiceDatabase) -> StopClock:
    """Lets the database's clock stand still at a moment, for what is decided to the second."""

    async def stop(moment: datetime) -> None:
        owner = await asyncpg.connect(booking_database.owner_url)
        await owner.execute(
            "CREATE OR REPLACE FUNCTION app_clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
            f" PARALLEL SAFE RETURN timestamptz '{moment.isoformat()}'"
        )
        await owner.close()

    return stop


@pytest.fixture
async def calls(shop: Shop) -> AsyncIterator[Calls]:
    async with serving(shop) as calls:
        yield calls


@pytest.fixture
async def hold(shop: Shop, screening_id: UUID) -> Hold:
    """A hold of the guest who calls."""
    return await shop.hold(screening_id, owner=CALLING_GUEST)


@pytest.fixture
def new_shop(new_process: Callable[..., Process]) -> Callable[..., Shop]:
    """Opens more processes, which share the wallet and the payment of the first."""

    def open_shop(like: Shop | None = None) -> Shop:
        if like is None:
            return Shop(new_process())
        return Shop(new_process(), like.wallet, like.payments)

    return open_shop
