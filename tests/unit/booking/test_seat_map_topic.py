"""What watchers of a screening's seats are sent."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from cinema.booking.v1 import booking_service_pb2 as pb

from services.booking.domain.board_history import BoardHistory
from services.booking.domain.seats import SeatMap
from services.booking.handlers.seat_map_topic import BoardMark, SeatMapTopic
from tests.kit.booking_seats import SERVER_START

BOARD = SeatMap(
    uuid4(), None, 1, 7, 1, on_sale=True, states=bytes([1, 2, 3]), server_start=SERVER_START
)
BEGAN_ANEW = replace(BOARD, server_start=SERVER_START + timedelta(hours=1))


def a_topic() -> SeatMapTopic:
    return SeatMapTopic(BoardHistory(BOARD))


def message_of(topic: SeatMapTopic, mark: BoardMark) -> pb.WatchSeatMapResponse:
    return pb.WatchSeatMapResponse.FromString(topic.message_after(mark))


def test_who_watches_while_the_database_server_begins_anew_gets_a_new_snapshot() -> None:
    topic = a_topic()
    before = topic.mark

    is_news = topic.advance(BEGAN_ANEW)

    assert is_news
    assert list(message_of(topic, before).snapshot.states) == [1, 2, 3]
    assert message_of(topic, topic.mark).WhichOneof("content") == "heartbeat"


def test_who_comes_again_after_it_with_the_newest_revision_needs_no_snapshot() -> None:
    topic = a_topic()
    topic.advance(BEGAN_ANEW)

    message = message_of(topic, BoardMark(BOARD.epoch, BOARD.revision))

    assert message.WhichOneof("content") == "heartbeat"
