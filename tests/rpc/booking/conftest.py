"""BookingService over a real channel, its seats in memory."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1.booking_service_pb2_grpc import (
    BookingServiceStub,
    add_BookingServiceServicer_to_server,
)

from services.booking.adapters.session_limit import SessionLimit
from services.booking.adapters.session_tokens import SignedSessions
from services.booking.domain.caller_limits import CallerLimits
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.handlers.seat_map_topic import SeatMapLook
from services.booking.handlers.watch_servicer import Feeds
from services.booking.use_cases.change_hold import ChangeHold
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.get_seat_map import GetSeatMap
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.list_tenders import ListTenders
from services.booking.use_cases.release_hold import ReleaseHold
from services.booking.use_cases.start_session import StartSession
from services.booking.use_cases.watcher_places import WatcherPlaces
from services.common.feeds import Feed, Rhythm
from services.common.limits import AttemptLimit, AttemptLimiter
from services.common.rpc.server import RpcApplication, RpcServer
from services.common.single_flight import KeyedLocks
from tests.kit.booking_fakes import FakeCards, FakeSeats
from tests.kit.booking_prices import FakePriceTables, FakePromotions
from tests.kit.booking_rpc import SESSIONS, serving
from tests.kit.booking_seats import sales_facts

MAX_HOLDS, MAX_SEATS, MAX_RELEASED = 5, 22, 3
LIMITS = CallerLimits(max_holds=MAX_HOLDS, max_seats=MAX_SEATS, max_released_holds=MAX_RELEASED)
MAX_SESSIONS = 12
MAX_WATCHES = 2
MAX_WATCHES_PER_ADDRESS = 3
MAX_WATCHERS = 4


@dataclass
class Booking:
    """A running service: its stub, and what it keeps in memory."""

    stub: Any
    seats: FakeSeats
    cards: FakeCards
    server: RpcServer
    promotions: FakePromotions


@pytest.fixture
def seats() -> FakeSeats:
    return FakeSeats(limits=LIMITS)


@pytest.fixture
def cards() -> FakeCards:
    return FakeCards()


@pytest.fixture
async def booking(seats: FakeSeats, cards: FakeCards) -> AsyncIterator[Booking]:
    async with a_booking(seats, cards) as booking:
        yield booking


@asynccontextmanager
async def a_booking(
    seats: FakeSeats,
    cards: FakeCards | None = None,
    channel_options: Sequence[tuple[str, int]] = (),
    **settings: Any,
) -> AsyncIterator[Booking]:
    """Serve seats that are kept in memory."""
    cards, feeds = cards or FakeCards(), seat_feeds(seats)
    promotions = FakePromotions(seats.answers, {"SPRING": 20})
    servicer = seat_servicer(seats, cards, feeds, promotions)
    register = partial(add_BookingServiceServicer_to_server, servicer)
    application = RpcApplication([register], ending=[feeds.finish])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(feeds.seat_maps.running())
        server = await stack.enter_async_context(serving(application, **settings))
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options=channel_options)
        )
        yield Booking(BookingServiceStub(channel), seats, cards, server, promotions)


@pytest.fixture
def screening_id(seats: FakeSeats) -> UUID:
    return seats.publish(sales_facts(uuid4()))


def seat_feeds(seats: FakeSeats) -> Feeds:
    """Give feeds in a hurry: what takes seconds in life takes milliseconds here."""
    rhythm = Rhythm(interval_ms=10, look_ms=5, heartbeat_ms=100, max_age_ms=60_000)
    places = WatcherPlaces(MAX_WATCHES, MAX_WATCHES_PER_ADDRESS, MAX_WATCHERS)
    nobody: Any = None  # Orders are not watched here.
    return Feeds(Feed(SeatMapLook(seats.read_moved), rhythm), Feed(nobody, rhythm), places)


def seat_servicer(
    seats: FakeSeats, cards: FakeCards, feeds: Feeds, promotions: FakePromotions
) -> BookingServicer:
    get_hold = GetHold(seats)
    tables = FakePriceTables()
    limit = AttemptLimit("session", MAX_SESSIONS, 60_000)
    nobody: Any = None  # Orders are not called here.
    return BookingServicer(
        start_session=StartSession(
            SignedSessions(SESSIONS, "parterre", 3_600), SessionLimit(AttemptLimiter(), limit)
        ),
        get_seat_map=GetSeatMap(seats, 0),
        feeds=feeds,
        hold_seats=HoldSeats(seats, promotions, tables, seats, KeyedLocks(), LIMITS),
        get_hold=get_hold,
        change_hold=ChangeHold(get_hold, seats, promotions, tables, seats, LIMITS),
        release_hold=ReleaseHold(get_hold, seats),
        list_tenders=ListTenders(get_hold, tables, seats, cards),
        place_order=nobody,
        retry_payment=nobody,
        abandon_order=nobody,
        cancel_order=nobody,
        get_order=nobody,
        list_orders=nobody,
        list_tickets=nobody,
        request_remedy=nobody,
        complaints=nobody,
        resend_confirmation=nobody,
        desk=nobody,
        order_tokens=nobody,
        page_tokens=nobody,
    )
