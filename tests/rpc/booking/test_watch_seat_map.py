"""What a client sees of WatchSeatMap."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import seat_pb2

from services.booking.domain.seats import SeatState
from services.common.rpc.errors import Refusal, refusal_of
from tests.kit.booking_fakes import FakeSeats
from tests.kit.booking_rpc import Metadata, as_guest
from tests.kit.booking_seats import a_seat_plan, not_sold, sales_facts
from tests.rpc.booking.conftest import (
    MAX_WATCHERS,
    MAX_WATCHES,
    MAX_WATCHES_PER_ADDRESS,
    Booking,
    a_booking,
)
from tests.rpc.booking.test_hold_seats import hold_request

PATIENCE_S = 20
# A reader with a window this small is noticed after a message or two.
SMALL_WINDOW = [("grpc.http2.lookahead_bytes", 64), ("grpc.http2.bdp_probe", 0)]


@dataclass
class View:
    """What somebody who watches knows, made of nothing but the messages."""

    messages: Any
    epoch: int = 0
    revision: int = 0
    states: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    async def read(self) -> str:
        """Take one message over; tells its kind."""
        async with asyncio.timeout(PATIENCE_S):
            message = await self.messages.read()
        if message is grpc.aio.EOF:
            raise EOFError
        kind = message.WhichOneof("content")
        if kind == "snapshot":
            self.states = list(message.snapshot.states)
        elif kind == "delta":
            assert (message.epoch, message.delta.from_revision) == (self.epoch, self.revision)
            for change in message.delta.changes:
                self.states[change.seat_index] = change.state
        else:
            assert (message.epoch, message.revision) == (self.epoch, self.revision)
        self.epoch, self.revision = message.epoch, message.revision
        self.kinds.append(kind)
        return str(kind)

    async def until(self, revision: int) -> None:
        while self.revision < revision:
            await self.read()

    async def refused(self) -> Refusal:
        while True:
            try:
                await self.read()
            except grpc.aio.AioRpcError as error:
                return refusal_of(error)


def watch(
    booking: Booking,
    screening_id: UUID,
    *,
    epoch: int = 0,
    revision: int = 0,
    metadata: Metadata | None = None,
) -> View:
    request = pb.WatchSeatMapRequest(screening_id=str(screening_id), epoch=epoch, revision=revision)
    caller = as_guest() if metadata is None else metadata
    return View(booking.stub.WatchSeatMap(request, metadata=caller), epoch, revision)


async def test_anyone_sees_every_seat_and_then_each_change(
    booking: Booking, screening_id: UUID
) -> None:
    view = watch(booking, screening_id, metadata=())
    first = await view.read()
    before = list(view.states)

    held = await booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest())
    await view.until(held.hold.revision)

    seats = booking.seats.maps[screening_id]
    assert first == "snapshot"
    assert before == [seat_pb2.SEAT_STATE_FREE] * len(seats.states)
    assert view.states == list(seats.states)
    assert view.kinds[-1] == "delta"
    view.messages.cancel()


async def test_a_delta_covers_all_that_happened_since_the_message_before(
    booking: Booking, screening_id: UUID
) -> None:
    view = watch(booking, screening_id)
    await view.read()

    for index in range(20):
        booking.seats.become(screening_id, index, SeatState.HELD)
        booking.seats.become(screening_id, index, SeatState.SOLD)
    await view.until(41)

    assert view.states == list(booking.seats.maps[screening_id].states)
    view.messages.cancel()


async def test_who_comes_again_goes_on_without_a_snapshot(
    booking: Booking, screening_id: UUID
) -> None:
    keeper, view = watch(booking, screening_id), watch(booking, screening_id)
    await keeper.read()
    await view.read()
    view.messages.cancel()
    booking.seats.become(screening_id, 3, SeatState.SOLD)
    await keeper.until(2)

    again = watch(booking, screening_id, epoch=view.epoch, revision=view.revision)
    again.states = view.states
    await again.until(2)

    assert "snapshot" not in again.kinds
    assert again.states == list(booking.seats.maps[screening_id].states)
    keeper.messages.cancel()
    again.messages.cancel()


@pytest.mark.parametrize(("epoch", "revision"), [(1, 1), (1, 3_000), (7, 3)])
async def test_who_comes_from_a_revision_that_is_not_known_here_gets_a_snapshot(
    booking: Booking, screening_id: UUID, epoch: int, revision: int
) -> None:
    booking.seats.become(screening_id, 3, SeatState.SOLD)

    view = watch(booking, screening_id, epoch=epoch, revision=revision)
    # A heartbeat of another time would not fit: the first message is to be a whole map.
    first = await view.read()

    assert first == "snapshot"
    assert view.states == list(booking.seats.maps[screening_id].states)
    view.messages.cancel()


async def test_another_epoch_comes_as_a_snapshot(booking: Booking, screening_id: UUID) -> None:
    view = watch(booking, screening_id)
    await view.read()
    restored = booking.seats.maps[screening_id]

    booking.seats.maps[screening_id] = replace(restored, epoch=2, revision=1)
    while view.epoch == 1:
        await view.read()

    assert view.kinds[-1] == "snapshot"
    view.messages.cancel()


async def test_a_heartbeat_tells_that_nothing_changed(booking: Booking, screening_id: UUID) -> None:
    view = watch(booking, screening_id)
    await view.read()

    assert await view.read() == "heartbeat"
    view.messages.cancel()


async def test_an_unknown_screening_is_not_found(booking: Booking) -> None:
    refusal = await watch(booking, uuid4()).refused()

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "SCREENING_NOT_FOUND")


async def test_a_screening_without_seats_to_sell_says_so(booking: Booking) -> None:
    facts = not_sold(sales_facts(uuid4()), "NO_SEAT_PLAN")
    facts.ClearField("seat_plan")
    facts.screening.seat_plan_id = ""

    refusal = await watch(booking, booking.seats.publish(facts)).refused()

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_SOLD_ONLINE",
    )


@pytest.mark.parametrize(
    "request_",
    [
        pb.WatchSeatMapRequest(),
        pb.WatchSeatMapRequest(screening_id=str(uuid4()), revision=-1),
        pb.WatchSeatMapRequest(screening_id=str(uuid4()), epoch=-1),
    ],
)
async def test_bad_fields_are_refused(booking: Booking, request_: pb.WatchSeatMapRequest) -> None:
    refusal = await View(booking.stub.WatchSeatMap(request_)).refused()

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("scope", "allowed", "callers"),
    [("CALLER", MAX_WATCHES, 1), ("SUBJECT", MAX_WATCHERS, MAX_WATCHERS + 1)],
)
async def test_only_so_many_watch_at_a_time(
    booking: Booking, screening_id: UUID, scope: str, allowed: int, callers: int
) -> None:
    guests = [as_guest() for _ in range(callers)]
    views = [
        watch(booking, screening_id, metadata=guests[number % callers]) for number in range(allowed)
    ]
    for view in views:
        await view.read()

    refusal = await watch(booking, screening_id, metadata=guests[-1]).refused()

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_WATCHERS",
    )
    assert refusal.metadata == {"scope": scope, "max_watchers": str(allowed)}
    assert refusal.retry_after_ms
    for view in views:
        view.messages.cancel()


async def test_without_a_token_an_address_counts_as_one(
    booking: Booking, screening_id: UUID
) -> None:
    views = [watch(booking, screening_id, metadata=()) for _ in range(MAX_WATCHES_PER_ADDRESS)]
    for view in views:
        await view.read()

    refusal = await watch(booking, screening_id, metadata=()).refused()

    assert refusal.metadata["scope"] == "ADDRESS"
    for view in views:
        view.messages.cancel()


async def test_a_place_is_free_again_once_its_watcher_has_gone(
    booking: Booking, screening_id: UUID
) -> None:
    caller = as_guest()
    for _ in range(MAX_WATCHES + 2):
        view = watch(booking, screening_id, metadata=caller)
        await view.read()
        view.messages.cancel()
        async with asyncio.timeout(PATIENCE_S):
            await booking.server.pipeline.streams.idle()

    assert view.kinds == ["snapshot"]


async def test_who_does_not_read_is_cut_off_and_told_so(seats: FakeSeats) -> None:
    screening_id = seats.publish(sales_facts(uuid4(), plan=a_seat_plan(rows=16, seats_per_row=30)))
    async with a_booking(seats, None, SMALL_WINDOW, max_write_wait_ms=50) as booking:
        stalled = watch(booking, screening_id)
        await stalled.read()
        async with asyncio.timeout(PATIENCE_S):
            while booking.server.pipeline.streams.in_flight:
                state = SeatState.HELD if seats.maps[screening_id].revision % 2 else SeatState.FREE
                seats.become(screening_id, 0, state)
                await asyncio.sleep(0.001)

        refusal = await stalled.refused()

    assert (refusal.code, refusal.reason, refusal.domain) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "READER_TOO_SLOW",
        "cinema",
    )
    assert refusal.retry_after_ms


async def test_the_stream_says_goodbye_when_the_server_stops(
    booking: Booking, screening_id: UUID
) -> None:
    view = watch(booking, screening_id)
    await view.read()

    await booking.server.stop()
    while await view.read() != "goodbye":
        pass

    assert (view.epoch, view.revision) == (1, 1)
    assert await view.messages.code() is grpc.StatusCode.OK
