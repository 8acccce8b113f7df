"""What a client sees of HoldSeats, GetHold and ReleaseHold."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from tests.kit.booking_fakes import lapse
from tests.kit.booking_rpc import as_account, as_expired_guest, as_guest, as_staff, refused
from tests.kit.booking_seats import (
    HOLD_SECONDS,
    a_plan_with_special_seats,
    not_sold,
    sales_facts,
)
from tests.rpc.booking.conftest import MAX_HOLDS, MAX_RELEASED, MAX_SEATS, Booking

ROW_A = [f"A{number}" for number in range(1, 11)]
ROW_B = [f"B{number}" for number in range(1, 11)]


def hold_request(
    screening_id: UUID | str,
    seat_ids: Sequence[str] = ("A1",),
    tickets: Sequence[tuple[str, int]] | None = None,
    **fields: Any,
) -> pb.HoldSeatsRequest:
    counts = tickets if tickets is not None else [("ADULT", len(seat_ids))]
    values: dict[str, Any] = {"request_id": str(uuid4()), **fields}
    return pb.HoldSeatsRequest(
        screening_id=str(screening_id),
        seat_ids=seat_ids,
        tickets=[hold_pb2.TicketCount(ticket_type=name, count=count) for name, count in counts],
        **values,
    )


@pytest.mark.rule("OTC-12")
@pytest.mark.rule("OTC-14.3")
async def test_a_guest_holds_seats_of_the_types_they_chose(
    booking: Booking, screening_id: UUID
) -> None:
    request = hold_request(screening_id, ["A1", "A2"], [("ADULT", 1), ("STUDENT", 1)])

    answer = await booking.stub.HoldSeats(request, metadata=as_guest())

    hold = answer.hold
    assert [(seat.seat_id, seat.ticket_type, seat.proof) for seat in hold.seats] == [
        ("A1", "ADULT", ""),
        ("A2", "STUDENT", "STUDENT_CARD"),
    ]
    assert (hold.total.currency_code, hold.total.minor_units) == ("RON", 3_200 + 2_200)
    assert hold.state == hold_pb2.Hold.STATE_ACTIVE
    assert hold.time_left.seconds == HOLD_SECONDS
    assert (hold.gtc_version, hold.otc_version) == ("2024-01", "2024-02")


async def test_a_repeat_gets_the_same_bytes(booking: Booking, screening_id: UUID) -> None:
    request, guest = hold_request(screening_id), as_guest()

    first = await booking.stub.HoldSeats(request, metadata=guest)
    second = await booking.stub.HoldSeats(request, metadata=guest)

    assert second.SerializeToString() == first.SerializeToString()


async def test_a_taken_seat_is_named_with_its_state(booking: Booking, screening_id: UUID) -> None:
    await booking.stub.HoldSeats(hold_request(screening_id, ["A3"]), metadata=as_guest())

    refusal = await refused(
        booking.stub.HoldSeats(hold_request(screening_id, ["A2", "A3"]), metadata=as_guest())
    )

    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
    assert (refusal.reason, refusal.domain) == ("SEAT_UNAVAILABLE", "booking.cinema")
    assert refusal.metadata == {"seat_ids": "A3"}
    assert refusal.violations == (("A3", "HELD"),)


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.parametrize(
    ("seat_ids", "violations"),
    [
        (["A2"], (("A1", "BESIDE"),)),
        (["A1", "A3"], (("A2", "INSIDE"),)),
        (["A2", "A4", "A9"], (("A1", "BESIDE"), ("A3", "INSIDE"), ("A10", "BESIDE"))),
    ],
)
async def test_a_seat_that_would_be_left_alone_is_named(
    booking: Booking,
    screening_id: UUID,
    seat_ids: list[str],
    violations: tuple[tuple[str, str], ...],
) -> None:
    refusal = await refused(
        booking.stub.HoldSeats(hold_request(screening_id, seat_ids), metadata=as_guest())
    )

    assert (refusal.code, refusal.reason, refusal.domain) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "SINGLE_SEAT_LEFT",
        "booking.cinema",
    )
    assert refusal.violations == violations
    assert refusal.metadata == {"seat_ids": ",".join(seat_id for seat_id, _ in violations)}
    assert not booking.seats.holds


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.parametrize(
    ("seat_ids", "violations", "missing"),
    [
        (["S1"], (("S1", "HALF_A_SOFA"),), "S2"),
        (["C", "A1"], (("C", "NO_WHEELCHAIR_SEAT"),), "W"),
    ],
)
async def test_what_is_not_sold_alone_names_what_is_missing(
    booking: Booking, seat_ids: list[str], violations: tuple[tuple[str, str], ...], missing: str
) -> None:
    screening_id = booking.seats.publish(sales_facts(uuid4(), plan=a_plan_with_special_seats()))

    refusal = await refused(
        booking.stub.HoldSeats(hold_request(screening_id, seat_ids), metadata=as_guest())
    )

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "SEAT_NOT_SOLD_ALONE",
    )
    assert refusal.violations == violations
    assert refusal.metadata == {"seat_ids": violations[0][0], "missing_seat_ids": missing}


@pytest.mark.rule("OTC-13a")
@pytest.mark.parametrize(
    "tickets", [[("ADULT", 10)], [("ADULT", 10), ("CHILD", 10)], [("CHILD", 4), ("CHILD", 6)]]
)
async def test_ten_tickets_of_each_type_are_allowed(
    booking: Booking, screening_id: UUID, tickets: list[tuple[str, int]]
) -> None:
    seats = (ROW_A + ROW_B)[: sum(count for _, count in tickets)]

    answer = await booking.stub.HoldSeats(
        hold_request(screening_id, seats, tickets), metadata=as_guest()
    )

    assert len(answer.hold.seats) == len(seats)


@pytest.mark.rule("OTC-13a")
@pytest.mark.parametrize("tickets", [[("ADULT", 11)], [("ADULT", 6), ("ADULT", 5)]])
async def test_eleven_tickets_of_a_type_are_too_many(
    booking: Booking, screening_id: UUID, tickets: list[tuple[str, int]]
) -> None:
    request = hold_request(screening_id, [*ROW_A, "B1"], tickets)

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "TOO_MANY_TICKETS",
    )
    assert refusal.metadata == {"ticket_type": "ADULT", "max_tickets_per_type": "10"}


@pytest.mark.rule("OTC-14.3")
async def test_seats_and_tickets_must_be_as_many(booking: Booking, screening_id: UUID) -> None:
    request = hold_request(screening_id, ["A1", "A2"], [("ADULT", 1)])

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "SEATS_DO_NOT_MATCH_TICKETS",
    )
    assert refusal.metadata == {"seats": "2", "tickets": "1"}


@pytest.mark.parametrize(
    ("seat_id", "ticket_type", "reason", "metadata"),
    [
        ("Z99", "ADULT", "UNKNOWN_SEAT", {"seat_id": "Z99"}),
        ("A1", "PENSIONER", "UNKNOWN_TICKET_TYPE", {"ticket_type": "PENSIONER"}),
    ],
)
async def test_what_the_screening_does_not_have_is_named(
    booking: Booking,
    screening_id: UUID,
    seat_id: str,
    ticket_type: str,
    reason: str,
    metadata: dict[str, str],
) -> None:
    request = hold_request(screening_id, [seat_id], [(ticket_type, 1)])

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert refusal.metadata == metadata


@pytest.mark.rule("OTC-1b")
async def test_what_is_not_sold_online_says_why(booking: Booking) -> None:
    screening_id = booking.seats.publish(not_sold(sales_facts(uuid4()), "RATING"))

    refusal = await refused(booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_SOLD_ONLINE",
    )
    assert refusal.metadata["not_sold_reason"] == "RATING"


async def test_after_the_sales_window_sales_are_closed(
    booking: Booking, screening_id: UUID
) -> None:
    lapse(booking.seats, 4 * 3_600)

    refusal = await refused(booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SALES_CLOSED")


async def test_with_facts_that_are_too_old_sales_are_paused(
    booking: Booking, screening_id: UUID
) -> None:
    booking.seats.paused = True

    refusal = await refused(booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "SALES_PAUSED")
    assert refusal.retry_after_ms


async def test_one_holds_so_often_and_no_more(booking: Booking, screening_id: UUID) -> None:
    guest = as_guest()
    for number in range(MAX_HOLDS):
        await booking.stub.HoldSeats(hold_request(screening_id, [ROW_A[number]]), metadata=guest)

    refusal = await refused(
        booking.stub.HoldSeats(hold_request(screening_id, ["B1"]), metadata=guest)
    )

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_HOLDS",
    )
    assert refusal.metadata == {"max_holds": str(MAX_HOLDS)}
    assert refusal.retry_after_ms


async def test_an_unknown_screening_is_not_found(booking: Booking) -> None:
    unknown = uuid4()

    refusal = await refused(booking.stub.HoldSeats(hold_request(unknown), metadata=as_guest()))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "SCREENING_NOT_FOUND")
    assert refusal.metadata == {"screening_id": str(unknown)}


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ((), grpc.StatusCode.UNAUTHENTICATED),
        ((("authorization", "Bearer x.y.z"),), grpc.StatusCode.UNAUTHENTICATED),
        (as_expired_guest(), grpc.StatusCode.UNAUTHENTICATED),
        (as_staff("cashier"), grpc.StatusCode.PERMISSION_DENIED),
    ],
    ids=["no token", "wrong token", "expired token", "staff"],
)
@pytest.mark.parametrize("call", ["HoldSeats", "GetHold", "ReleaseHold", "ListTenders"])
async def test_only_guests_and_accounts_hold(
    booking: Booking, call: str, metadata: Any, code: grpc.StatusCode
) -> None:
    request = getattr(pb, f"{call}Request")()

    refusal = await refused(getattr(booking.stub, call)(request, metadata=metadata))

    assert refusal.code is code
    assert refusal.reason


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"screening_id": ""}, "screening_id"),
        ({"screening_id": "x" * 10_000}, "screening_id"),
        ({"request_id": ""}, "request_id"),
        ({"seat_ids": []}, ""),
        ({"best_seats": pb.BestSeats(count=1)}, ""),
        ({"seat_ids": [], "best_seats": pb.BestSeats(count=0)}, "best_seats.count"),
        ({"seat_ids": [], "best_seats": pb.BestSeats(count=21)}, "best_seats.count"),
        ({"seat_ids": [], "best_seats": pb.BestSeats(count=1, area="vip")}, "best_seats.area"),
        ({"seat_ids": ["A1", "A1"]}, "seat_ids"),
        ({"seat_ids": ["A\x00"]}, ""),
        ({"seat_ids": ["A" * 17]}, "seat_ids[0]"),
        ({"seat_ids": [f"S{number}" for number in range(101)]}, "seat_ids"),
        ({"tickets": [("ADULT", 0)]}, "tickets[0].count"),
        ({"tickets": [("ADULT", -1)]}, "tickets[0].count"),
        ({"tickets": [("ADULT", 2**31 - 1)]}, "tickets[0].count"),
        ({"tickets": [("'; DROP TABLE hold", 1)]}, "tickets[0].ticket_type"),
    ],
)
async def test_bad_fields_are_named_and_nothing_is_held(
    booking: Booking, screening_id: UUID, fields: dict[str, Any], field: str
) -> None:
    request = hold_request(**{"screening_id": screening_id, **fields})

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert any(named.startswith(field) for named, _ in refusal.violations) or not field
    assert not booking.seats.holds


async def test_a_hold_is_its_owners_alone(booking: Booking, screening_id: UUID) -> None:
    owner = as_account(uuid4())
    held = await booking.stub.HoldSeats(hold_request(screening_id), metadata=owner)
    get = pb.GetHoldRequest(screening_id=str(screening_id), hold_id=held.hold.id)
    release = pb.ReleaseHoldRequest(
        screening_id=str(screening_id), hold_id=held.hold.id, request_id=str(uuid4())
    )

    seen_by_owner = await booking.stub.GetHold(get, metadata=owner)
    foreign_get = await refused(booking.stub.GetHold(get, metadata=as_guest()))
    foreign_release = await refused(booking.stub.ReleaseHold(release, metadata=as_guest()))

    assert seen_by_owner.hold.id == held.hold.id
    assert foreign_get.reason == foreign_release.reason == "HOLD_NOT_FOUND"
    assert foreign_get.code is grpc.StatusCode.NOT_FOUND
    assert foreign_get.metadata == {"hold_id": held.hold.id}


async def test_a_released_hold_frees_its_seats_and_stays_released(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    held = await booking.stub.HoldSeats(hold_request(screening_id), metadata=guest)
    release = pb.ReleaseHoldRequest(
        screening_id=str(screening_id), hold_id=held.hold.id, request_id=str(uuid4())
    )

    released = await booking.stub.ReleaseHold(release, metadata=guest)
    release.request_id = str(uuid4())
    again = await booking.stub.ReleaseHold(release, metadata=guest)
    taken = await booking.stub.HoldSeats(hold_request(screening_id), metadata=as_guest())

    assert released.hold.state == again.hold.state == hold_pb2.Hold.STATE_RELEASED
    assert taken.hold.state == hold_pb2.Hold.STATE_ACTIVE


@pytest.mark.rule("OTC-14.4b")
async def test_a_hold_says_how_long_it_lasts_and_then_that_it_is_over(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    held = await booking.stub.HoldSeats(hold_request(screening_id), metadata=guest)
    get = pb.GetHoldRequest(screening_id=str(screening_id), hold_id=held.hold.id)

    lapse(booking.seats, HOLD_SECONDS - 1)
    at_the_end = await booking.stub.GetHold(get, metadata=guest)
    lapse(booking.seats, 1)
    afterwards = await booking.stub.GetHold(get, metadata=guest)

    assert (at_the_end.hold.state, at_the_end.hold.time_left.seconds) == (
        hold_pb2.Hold.STATE_ACTIVE,
        1,
    )
    assert (afterwards.hold.state, afterwards.hold.time_left.seconds) == (
        hold_pb2.Hold.STATE_EXPIRED,
        0,
    )


async def test_who_holds_and_releases_over_and_over_is_told_when_to_come_back(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    for _ in range(MAX_RELEASED):
        hold = (await booking.stub.HoldSeats(hold_request(screening_id), metadata=guest)).hold
        await booking.stub.ReleaseHold(
            pb.ReleaseHoldRequest(
                screening_id=hold.screening_id, hold_id=hold.id, request_id=str(uuid4())
            ),
            metadata=guest,
        )

    refusal = await refused(booking.stub.HoldSeats(hold_request(screening_id), metadata=guest))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "HOLDS_RELEASED_TOO_OFTEN",
    )
    assert refusal.metadata == {"max_holds": str(MAX_RELEASED), "period_seconds": "600"}
    assert refusal.retry_after_ms


async def test_a_caller_holds_so_many_seats_of_a_screening_and_no_more(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    first = hold_request(screening_id, [*ROW_A, *ROW_B], [("ADULT", 10), ("CHILD", 10)])
    await booking.stub.HoldSeats(first, metadata=guest)
    seats = ["C1", "C2", "C3"]

    refusal = await refused(
        booking.stub.HoldSeats(hold_request(screening_id, seats, [("STUDENT", 3)]), metadata=guest)
    )

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_SEATS_HELD",
    )
    assert refusal.metadata == {"max_seats": str(MAX_SEATS)}
    assert refusal.retry_after_ms
