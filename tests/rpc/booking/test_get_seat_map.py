"""What a client sees of GetSeatMap."""

from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import seat_pb2

from tests.kit.booking_rpc import as_guest, refused
from tests.kit.booking_seats import a_seat_plan, not_sold, sales_facts
from tests.rpc.booking.conftest import Booking
from tests.rpc.booking.test_hold_seats import hold_request


def map_request(
    screening_id: UUID, *, epoch: int = 0, min_revision: int = 0
) -> pb.GetSeatMapRequest:
    return pb.GetSeatMapRequest(
        screening_id=str(screening_id), epoch=epoch, min_revision=min_revision
    )


@pytest.mark.parametrize(("rows", "seats_per_row"), [(1, 1), (5, 10), (16, 30)])
async def test_anyone_sees_every_seat_in_the_plans_order(
    booking: Booking, rows: int, seats_per_row: int
) -> None:
    plan = a_seat_plan(rows=rows, seats_per_row=seats_per_row)
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=plan))
    await booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest())

    answer = await booking.stub.GetSeatMap(map_request(screening_id))

    assert answer.screening_id == str(screening_id)
    assert answer.seat_plan_id == plan.id
    assert (answer.epoch, answer.revision) == (1, 2)
    assert list(answer.states) == [seat_pb2.SEAT_STATE_HELD] + [seat_pb2.SEAT_STATE_FREE] * (
        rows * seats_per_row - 1
    )


async def test_one_reads_ones_own_writes(booking: Booking, screening_id: UUID) -> None:
    held = await booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest())

    answer = await booking.stub.GetSeatMap(
        map_request(screening_id, epoch=held.hold.epoch, min_revision=held.hold.revision)
    )

    assert answer.revision >= held.hold.revision


async def test_a_revision_that_is_not_reached_is_unavailable_for_now(
    booking: Booking, screening_id: UUID
) -> None:
    refusal = await refused(
        booking.stub.GetSeatMap(map_request(screening_id, epoch=1, min_revision=1_000))
    )

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "SEAT_MAP_BEHIND")
    assert refusal.retry_after_ms


async def test_a_map_of_a_newer_epoch_is_returned_whatever_its_revision(
    booking: Booking, screening_id: UUID
) -> None:
    answer = await booking.stub.GetSeatMap(map_request(screening_id, epoch=0, min_revision=1_000))

    assert (answer.epoch, answer.revision) == (1, 1)


async def test_an_unknown_screening_is_not_found(booking: Booking) -> None:
    refusal = await refused(booking.stub.GetSeatMap(map_request(uuid4())))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "SCREENING_NOT_FOUND")


async def test_a_screening_without_seats_to_sell_says_so(booking: Booking) -> None:
    facts = not_sold(sales_facts(uuid4()), "NO_SEAT_PLAN")
    facts.ClearField("seat_plan")
    facts.screening.seat_plan_id = ""
    screening_id = booking.seats.publish(facts)

    refusal = await refused(booking.stub.GetSeatMap(map_request(screening_id)))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_SOLD_ONLINE",
    )
    assert refusal.metadata["not_sold_reason"] == "NO_SEAT_PLAN"


@pytest.mark.parametrize(
    "request_", [pb.GetSeatMapRequest(), pb.GetSeatMapRequest(screening_id="1", min_revision=-1)]
)
async def test_bad_fields_are_refused(booking: Booking, request_: pb.GetSeatMapRequest) -> None:
    refusal = await refused(booking.stub.GetSeatMap(request_))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
