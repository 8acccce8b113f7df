"""Seats that are watched in one process and change in another, on a real database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from uuid import UUID

from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.board_history import BoardHistory
from services.booking.handlers.seat_map_topic import BoardMark, SeatMapLook, SeatMapTopic
from services.common.feeds import Feed, Rhythm
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import HOLD_SECONDS, a_key, a_wish

PATIENCE_S = 20
HURRIED = Rhythm(interval_ms=10, look_ms=5, heartbeat_ms=60_000, max_age_ms=60_000)


@asynccontextmanager
async def watched(
    process: Process, screening_id: UUID, mark: BoardMark | None = None
) -> AsyncIterator[AsyncIterator[pb.WatchSeatMapResponse]]:
    """Watch in a process; gives the messages."""
    seat_map = await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    topic = SeatMapTopic(BoardHistory(seat_map))
    async with (
        Feed(SeatMapLook(process.maps.read_moved), HURRIED).running() as feed,
        aclosing(feed.watch(topic, mark)) as messages,
    ):
        yield _decoded(messages)


async def _decoded(messages: AsyncIterator[bytes]) -> AsyncIterator[pb.WatchSeatMapResponse]:
    async with asyncio.timeout(PATIENCE_S):
        async for message in messages:
            yield pb.WatchSeatMapResponse.FromString(message)


async def test_what_another_process_sells_is_seen_by_who_watches_here(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    here, there = new_process(), new_process()
    async with watched(here, screening_id) as messages:
        snapshot = await anext(messages)
        hold = await there.hold_seats(a_wish(screening_id, ["A1"]), a_key())

        delta = await anext(messages)

    assert (snapshot.revision, delta.delta.from_revision) == (hold.revision - 1,) * 2
    assert delta.revision == hold.revision
    assert [(each.seat_index, each.state) for each in delta.delta.changes] == [(0, 2)]


async def test_a_lapsed_hold_is_told_as_free(process: Process, screening_id: UUID) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    async with watched(process, screening_id) as messages:
        await anext(messages)

        await process.move_clock(HOLD_SECONDS)
        await process.expire_holds()

        delta = await anext(messages)
    assert [(each.seat_index, each.state) for each in delta.delta.changes] == [(0, 1)]


async def test_only_boards_that_moved_are_read(process: Process, screening_id: UUID) -> None:
    before = await process.get_seat_map(screening_id, epoch=0, min_revision=0)

    unmoved = await process.maps.read_moved([before])
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    moved = await process.maps.read_moved([before])

    assert unmoved == []
    assert [seat_map.revision for seat_map in moved] == [before.revision + 1]
