from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from tests.kit.wire import bytes_field, leaves, varint, varint_field, with_raw

REQUEST = pb.HoldSeatsRequest(
    screening_id="s",
    seat_ids=["A1", "A2"],
    tickets=[
        hold_pb2.TicketCount(ticket_type="ADULT", count=2),
        hold_pb2.TicketCount(ticket_type="CHILD", count=300),
    ],
    request_id="r",
)


def leaf(path: str):
    return next(each for each in leaves(REQUEST) if each.path == path)


def test_every_leaf_is_found_once() -> None:
    paths = [each.path for each in leaves(REQUEST)]

    assert paths == [
        "screening_id",
        "seat_ids[0]",
        "tickets[0].ticket_type",
        "tickets[0].count",
        "request_id",
        "best_seats.count",
        "best_seats.area",
        "best_seats.kind",
        "or_suggest",
        "promotion_code",
        "with_tenders",
    ]


def test_only_the_wanted_field_changes() -> None:
    raw = with_raw(REQUEST, leaf("tickets[0].count"), varint_field(2, 7))

    expected = pb.HoldSeatsRequest()
    expected.CopyFrom(REQUEST)
    expected.tickets[0].count = 7
    assert pb.HoldSeatsRequest.FromString(raw) == expected


def test_a_field_that_is_not_set_is_added() -> None:
    raw = with_raw(pb.HoldSeatsRequest(), leaf("tickets[0].ticket_type"), bytes_field(1, b"ADULT"))

    tickets = [hold_pb2.TicketCount(ticket_type="ADULT")]
    assert pb.HoldSeatsRequest.FromString(raw) == pb.HoldSeatsRequest(tickets=tickets)


def test_negative_numbers_are_ten_bytes() -> None:
    assert varint(-1) == b"\xff" * 9 + b"\x01"
    assert varint(300) == b"\xac\x02"
