"""Checking requests: a list that is far too long is refused without looking at its items."""

from dataclasses import dataclass, field

import pytest
from cinema.catalog.v1.catalog_admin_service_pb2 import PublishSeatPlanRequest
from cinema.catalog.v1.seat_plan_pb2 import Seat, SeatPlan, SeatRow, SeatSegment
from google.protobuf.message import Message

from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.validation import LARGE_REQUEST_BYTES, RequestChecks


@dataclass
class CountingEngine:
    """Finds nothing wrong; keeps what it was asked about."""

    asked: list[Message] = field(default_factory=list)

    def violations(self, message: Message) -> list[FieldViolation]:
        self.asked.append(message)
        return []


def a_request(*, rows: int, seats: int) -> bytes:
    seat = Seat(id="A1", number="1", kind=Seat.KIND_STANDARD, area="STANDARD", x=100, y=100)
    row = SeatRow(name="A", segments=[SeatSegment(seats=[seat] * seats)])
    return PublishSeatPlanRequest(seat_plan=SeatPlan(rows=[row] * rows)).SerializeToString()


@pytest.mark.parametrize(
    ("rows", "seats", "where"),
    [
        (100_000, 1, "seat_plan.rows"),
        (1, 10_000, "seat_plan.rows[0].segments[0].seats"),
    ],
)
def test_a_list_that_is_far_too_long_is_refused_unseen(rows: int, seats: int, where: str) -> None:
    engine = CountingEngine()

    with pytest.raises(InvalidRequestError) as refused:
        RequestChecks(engine).read(PublishSeatPlanRequest, a_request(rows=rows, seats=seats))

    assert [each.field for each in refused.value.violations] == [where]
    assert refused.value.violations[0].description == "must contain no more than 100 item(s)"
    assert engine.asked == []


def test_a_large_request_within_its_limits_is_checked_as_any_other() -> None:
    engine = CountingEngine()
    raw = a_request(rows=100, seats=100)

    message = RequestChecks(engine).read(PublishSeatPlanRequest, raw)

    assert len(raw) > LARGE_REQUEST_BYTES
    assert engine.asked == [message]
