"""BookingService over a real channel, its seats in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.booking.v1.booking_service_pb2_grpc import (
    BookingServiceStub,
    add_BookingServiceServicer_to_server,
)

from services.booking.adapters.session_limit import SessionLimit
from services.booking.adapters.session_tokens import SignedSessions
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.use_cases.get_hold import GetHold
from services.booking.use_cases.get_seat_map import GetSeatMap
from services.booking.use_cases.hold_seats import HoldSeats
from services.booking.use_cases.list_tenders import ListTenders
from services.booking.use_cases.release_hold import ReleaseHold
from services.booking.use_cases.start_session import StartSession
from services.common.limits import AttemptLimit, AttemptLimiter
from services.common.single_flight import KeyedLocks
from tests.kit.booking_fakes import FakeCards, FakeSeats
from tests.kit.booking_rpc import SESSIONS, served
from tests.kit.booking_seats import sales_facts

MAX_HOLDS = 5
MAX_SESSIONS = 12


@dataclass
class Booking:
    """A running service: its stub, and what it keeps in memory."""

    stub: Any
    seats: FakeSeats
    cards: FakeCards


@pytest.fixture
def seats() -> FakeSeats:
    return FakeSeats(max_holds_per_caller=MAX_HOLDS)


@pytest.fixture
def cards() -> FakeCards:
    return FakeCards()


@pytest.fixture
async def booking(seats: FakeSeats, cards: FakeCards) -> AsyncIterator[Booking]:
    servicer = seat_servicer(seats, cards)
    register = partial(add_BookingServiceServicer_to_server, servicer)
    async with served(register) as channel:
        yield Booking(BookingServiceStub(channel), seats, cards)


@pytest.fixture
def screening_id(seats: FakeSeats) -> UUID:
    return seats.publish(sales_facts(uuid4()))


def seat_servicer(seats: FakeSeats, cards: FakeCards) -> BookingServicer:
    get_hold = GetHold(seats)
    limit = AttemptLimit("session", MAX_SESSIONS, 60_000)
    nobody: Any = None  # Orders are not called here.
    return BookingServicer(
        start_session=StartSession(
            SignedSessions(SESSIONS, "parterre", 3_600), SessionLimit(AttemptLimiter(), limit)
        ),
        get_seat_map=GetSeatMap(seats, 0),
        hold_seats=HoldSeats(seats, seats, KeyedLocks(), MAX_HOLDS),
        get_hold=get_hold,
        release_hold=ReleaseHold(get_hold, seats),
        list_tenders=ListTenders(get_hold, seats, cards),
        place_order=nobody,
        retry_payment=nobody,
        abandon_order=nobody,
        get_order=nobody,
        list_tickets=nobody,
        request_remedy=nobody,
        order_tokens=nobody,
        page_tokens=nobody,
    )
