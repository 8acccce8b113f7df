"""What a client sees of HoldSeats when the seats are chosen for them."""

from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2, seat_pb2
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan

from tests.kit.booking_fakes import lapse
from tests.kit.booking_rpc import Metadata, as_guest, refused
from tests.kit.booking_seats import (
    HOLD_SECONDS,
    a_plan_with_special_seats,
    a_seat_plan,
    sales_facts,
)
from tests.rpc.booking.conftest import Booking

HELD, SUGGESTED = pb.HoldSeatsResponse.OUTCOME_HELD, pb.HoldSeatsResponse.OUTCOME_SUGGESTED
WHEELCHAIR, SOFA = pb.BestSeats.KIND_WHEELCHAIR, pb.BestSeats.KIND_SOFA


def best_request(
    screening_id: UUID, count: int, ticket_type: str = "ADULT", **wish: Any
) -> pb.HoldSeatsRequest:
    return pb.HoldSeatsRequest(
        screening_id=str(screening_id),
        best_seats=pb.BestSeats(count=count, **wish),
        tickets=[hold_pb2.TicketCount(ticket_type=ticket_type, count=count)],
        request_id=str(uuid4()),
    )


def or_suggest(screening_id: UUID, *seat_ids: str) -> pb.HoldSeatsRequest:
    return pb.HoldSeatsRequest(
        screening_id=str(screening_id),
        seat_ids=seat_ids,
        tickets=[hold_pb2.TicketCount(ticket_type="STUDENT", count=len(seat_ids))],
        request_id=str(uuid4()),
        or_suggest=True,
    )


async def hold(
    booking: Booking, request: pb.HoldSeatsRequest, guest: Metadata | None = None
) -> pb.HoldSeatsResponse:
    answer: pb.HoldSeatsResponse = await booking.stub.HoldSeats(
        request, metadata=guest or as_guest()
    )
    return answer


def seats_of(answer: pb.HoldSeatsResponse) -> list[str]:
    return [seat.seat_id for seat in answer.hold.seats]


def a_hall_with_vip_rows() -> SeatPlan:
    """Rows A to C for everybody, D and E of the area VIP, which has no prices."""
    plan = a_seat_plan()
    for row in plan.rows[3:]:
        for seat in row.segments[0].seats:
            seat.area = "VIP"
    return plan


@pytest.mark.rule("OTC-14.4a")
async def test_the_best_seats_are_held_side_by_side_and_nobody_is_left_alone(
    booking: Booking, screening_id: UUID
) -> None:
    first = await hold(booking, best_request(screening_id, 3))
    second = await hold(booking, best_request(screening_id, 3))

    assert first.outcome == second.outcome == HELD
    assert seats_of(first) == ["D4", "D5", "D6"]
    assert seats_of(second) in (["C4", "C5", "C6"], ["D1", "D2", "D3"], ["E4", "E5", "E6"])
    assert first.hold.total.minor_units == 3 * 3_200


async def test_only_areas_in_which_the_tickets_are_sold_are_looked_at(booking: Booking) -> None:
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=a_hall_with_vip_rows()))

    answer = await hold(booking, best_request(screening_id, 2))
    refusal = await refused(
        booking.stub.HoldSeats(best_request(screening_id, 2, area="VIP"), metadata=as_guest())
    )

    assert seats_of(answer) == ["C5", "C6"]
    assert refusal.reason == "NOT_ENOUGH_SEATS"


async def test_too_many_for_what_is_left_is_refused_with_the_count(booking: Booking) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=5)
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=plan))

    refusal = await refused(
        booking.stub.HoldSeats(best_request(screening_id, 6), metadata=as_guest())
    )

    assert (refusal.code, refusal.reason, refusal.metadata) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_ENOUGH_SEATS",
        {"count": "6"},
    )


async def test_as_many_seats_as_tickets_and_known_types_are_asked_for(
    booking: Booking, screening_id: UUID
) -> None:
    too_few = best_request(screening_id, 3)
    too_few.tickets[0].count = 2

    for request, reason in [
        (too_few, "SEATS_DO_NOT_MATCH_TICKETS"),
        (best_request(screening_id, 2, "PENSIONER"), "UNKNOWN_TICKET_TYPE"),
        (best_request(screening_id, 11), "TOO_MANY_TICKETS"),
    ]:
        refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))
        assert refusal.reason == reason


@pytest.mark.parametrize(
    ("count", "kind", "held"), [(2, SOFA, ["S1", "S2"]), (2, WHEELCHAIR, ["W", "C"])]
)
async def test_special_seats_are_held_for_who_asks_for_them(
    booking: Booking, count: int, kind: pb.BestSeats.Kind.ValueType, held: list[str]
) -> None:
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=a_plan_with_special_seats()))

    answer = await hold(booking, best_request(screening_id, count, kind=kind))

    assert seats_of(answer) == held


async def test_seats_that_are_gone_are_answered_with_others_nearby(
    booking: Booking, screening_id: UUID
) -> None:
    await hold(booking, best_request(screening_id, 2))  # D5 and D6.

    answer = await hold(booking, or_suggest(screening_id, "D4", "D5"))

    assert answer.outcome == SUGGESTED
    assert answer.refusal_reason == "SEAT_UNAVAILABLE"
    assert [(lost.seat_id, lost.state) for lost in answer.lost_seats] == [
        ("D5", seat_pb2.SEAT_STATE_HELD)
    ]
    assert [seat.ticket_type for seat in answer.hold.seats] == ["STUDENT", "STUDENT"]
    assert seats_of(answer) in (["D3", "D4"], ["C4", "C5"], ["E4", "E5"])


@pytest.mark.rule("OTC-14.4a")
async def test_a_choice_that_leaves_a_seat_alone_is_answered_with_one_that_does_not(
    booking: Booking, screening_id: UUID
) -> None:
    answer = await hold(booking, or_suggest(screening_id, "A2", "A3"))

    assert (answer.outcome, answer.refusal_reason) == (SUGGESTED, "SINGLE_SEAT_LEFT")
    assert not answer.lost_seats
    assert seats_of(answer) in (["A1", "A2"], ["A3", "A4"], ["B2", "B3"])


async def test_with_nothing_to_suggest_the_wish_is_refused_as_ever(booking: Booking) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=3)
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=plan))
    await hold(booking, best_request(screening_id, 2))

    refusal = await refused(
        booking.stub.HoldSeats(or_suggest(screening_id, "A1", "A2"), metadata=as_guest())
    )

    assert refusal.reason == "SEAT_UNAVAILABLE"
    assert refusal.violations


async def test_what_is_not_about_seats_is_refused_even_with_suggestions(
    booking: Booking, screening_id: UUID
) -> None:
    refusal = await refused(
        booking.stub.HoldSeats(or_suggest(screening_id, "Z1"), metadata=as_guest())
    )
    assert refusal.reason == "UNKNOWN_SEAT"


async def test_a_suggestion_is_of_the_same_area_while_there_is_one(booking: Booking) -> None:
    answer = sales_facts(uuid4(), plan=a_hall_with_vip_rows())
    for quote in list(answer.quotes):
        vip = answer.quotes.add()
        vip.CopyFrom(quote)
        vip.area = "VIP"
    screening_id = booking.seats.publish(answer)
    row = [f"D{number}" for number in range(1, 11)]
    await hold(booking, or_suggest(screening_id, *row))

    near = await hold(booking, or_suggest(screening_id, "D1", "D2"))

    assert seats_of(near) == ["E1", "E2"]


async def test_when_the_area_is_sold_out_seats_of_another_are_suggested(booking: Booking) -> None:
    answer = sales_facts(uuid4(), plan=a_hall_with_vip_rows(), max_tickets_per_type=20)
    for quote in list(answer.quotes):
        vip = answer.quotes.add()
        vip.CopyFrom(quote)
        vip.area = "VIP"
    screening_id = booking.seats.publish(answer)
    await hold(booking, best_request(screening_id, 20, area="VIP"))
    request = best_request(screening_id, 2, area="VIP")
    request.or_suggest = True

    instead = await hold(booking, request)
    named = await hold(booking, or_suggest(screening_id, "E1", "E2"))

    assert (instead.outcome, instead.refusal_reason) == (SUGGESTED, "NOT_ENOUGH_SEATS")
    assert {seat[0] for seat in seats_of(instead)} <= {"A", "B", "C"}
    assert named.outcome == SUGGESTED
    assert [lost.seat_id for lost in named.lost_seats] == ["E1", "E2"]


async def test_a_suggestion_that_is_asked_for_again_gets_the_same_bytes(
    booking: Booking, screening_id: UUID
) -> None:
    await hold(booking, best_request(screening_id, 2))
    request, guest = or_suggest(screening_id, "D5", "D6"), as_guest()

    first = await hold(booking, request, guest)
    again = await hold(booking, request, guest)

    assert first.outcome == SUGGESTED
    assert again.SerializeToString() == first.SerializeToString()


async def test_lapsed_seats_are_among_the_best(booking: Booking) -> None:
    plan = a_seat_plan(rows=1, seats_per_row=3)
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=plan))
    await hold(booking, best_request(screening_id, 3))
    lapse(booking.seats, HOLD_SECONDS)

    refusal = await refused(
        booking.stub.HoldSeats(best_request(screening_id, 3), metadata=as_guest())
    )

    # In memory nobody sweeps: what a database does is in tests/integration.
    assert refusal.reason == "NOT_ENOUGH_SEATS"
