"""What a client sees of ChangeHold, of seats without tickets, of packages and of promotions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2

from services.booking.domain.seats import SeatState
from tests.kit.booking_fakes import lapse
from tests.kit.booking_prices import FAMILY, PROMOTION_ID, with_family_package
from tests.kit.booking_rpc import Metadata, as_guest, refused
from tests.kit.booking_seats import HOLD_SECONDS
from tests.rpc.booking.conftest import Booking
from tests.rpc.booking.test_hold_seats import hold_request


def change_request(
    hold: hold_pb2.Hold,
    seat_ids: Sequence[str] = (),
    tickets: Sequence[tuple[str, int]] = (),
    **fields: Any,
) -> pb.ChangeHoldRequest:
    values: dict[str, Any] = {"request_id": str(uuid4()), **fields}
    return pb.ChangeHoldRequest(
        screening_id=hold.screening_id,
        hold_id=hold.id,
        seat_ids=seat_ids,
        tickets=[hold_pb2.TicketCount(ticket_type=name, count=count) for name, count in tickets],
        **values,
    )


async def held(
    booking: Booking, screening_id: UUID, guest: Metadata, *seat_ids: str, **fields: Any
) -> hold_pb2.Hold:
    answer = await booking.stub.HoldSeats(
        hold_request(screening_id, seat_ids, **fields), metadata=guest
    )
    return answer.hold


@pytest.mark.rule("OTC-14.3")
async def test_seats_are_held_without_tickets_which_show_what_can_be_chosen(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1", "A2", tickets=[])

    page = await booking.stub.ListTenders(
        pb.ListTendersRequest(screening_id=hold.screening_id, hold_id=hold.id), metadata=guest
    )

    assert not hold.HasField("total")
    assert [(seat.ticket_type, seat.HasField("price")) for seat in hold.seats] == [("", False)] * 2
    assert [
        (each.ticket_type, each.price.minor_units, each.service_fee.minor_units)
        for each in page.ticket_prices
    ] == [("ADULT", 3_000, 200), ("CHILD", 1_500, 200), ("STUDENT", 2_000, 200)]


@pytest.mark.rule("OTC-14.3")
@pytest.mark.rule("OTC-14.4b")
async def test_seats_and_tickets_are_changed_and_the_deadline_stays(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1", "A2", tickets=[])
    lapse(booking.seats, 100)

    answer = await booking.stub.ChangeHold(
        change_request(hold, ["A4", "A3"], [("ADULT", 1), ("CHILD", 1)]), metadata=guest
    )

    changed = answer.hold
    assert [(seat.seat_id, seat.ticket_type) for seat in changed.seats] == [
        ("A4", "ADULT"),
        ("A3", "CHILD"),
    ]
    assert changed.total.minor_units == 3_200 + 1_700
    assert changed.expire_time == hold.expire_time
    assert changed.time_left.seconds == HOLD_SECONDS - 100


async def test_a_repeated_change_gets_the_same_bytes(booking: Booking, screening_id: UUID) -> None:
    guest = as_guest()
    request = change_request(await held(booking, screening_id, guest, "A1"), ["B1"])

    first = await booking.stub.ChangeHold(request, metadata=guest)
    lapse(booking.seats, 60)
    second = await booking.stub.ChangeHold(request, metadata=guest)

    assert second.SerializeToString() == first.SerializeToString()


async def test_a_taken_seat_is_named_and_the_hold_stays_as_it_was(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1")
    await held(booking, screening_id, as_guest(), "A2")

    refusal = await refused(
        booking.stub.ChangeHold(change_request(hold, ["A1", "A2"], [("ADULT", 2)]), metadata=guest)
    )

    after = await booking.stub.GetHold(
        pb.GetHoldRequest(screening_id=hold.screening_id, hold_id=hold.id), metadata=guest
    )
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "SEAT_UNAVAILABLE",
    )
    assert refusal.violations == (("A2", "HELD"),)
    assert list(after.hold.seats) == list(hold.seats)


@pytest.mark.parametrize(
    ("seat_ids", "tickets", "code", "reason"),
    [
        (["A1", "A2"], [], "INVALID_ARGUMENT", "SEATS_DO_NOT_MATCH_TICKETS"),
        ([], [("ADULT", 2)], "INVALID_ARGUMENT", "SEATS_DO_NOT_MATCH_TICKETS"),
        (["Z99"], [], "INVALID_ARGUMENT", "UNKNOWN_SEAT"),
        ([], [("PENSIONER", 1)], "INVALID_ARGUMENT", "UNKNOWN_TICKET_TYPE"),
        (
            [f"{row}{n}" for row in "AB" for n in range(1, 11)],
            [("ADULT", 9), ("CHILD", 11)],
            "FAILED_PRECONDITION",
            "TOO_MANY_TICKETS",
        ),
    ],
)
async def test_choices_are_judged_as_new_ones_are(
    booking: Booking,
    screening_id: UUID,
    seat_ids: list[str],
    tickets: list[tuple[str, int]],
    code: str,
    reason: str,
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1")

    refusal = await refused(
        booking.stub.ChangeHold(change_request(hold, seat_ids, tickets), metadata=guest)
    )

    assert (refusal.code.name, refusal.reason) == (code, reason)


async def test_a_hold_that_is_over_or_somebody_elses_is_not_changed(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1")

    strangers = await refused(
        booking.stub.ChangeHold(change_request(hold, ["A2"]), metadata=as_guest())
    )
    lapse(booking.seats, HOLD_SECONDS)
    over = await refused(booking.stub.ChangeHold(change_request(hold, ["A2"]), metadata=guest))

    assert (strangers.code.name, strangers.reason) == ("NOT_FOUND", "HOLD_NOT_FOUND")
    assert (over.code.name, over.reason) == ("FAILED_PRECONDITION", "HOLD_EXPIRED")


async def test_a_hold_with_an_order_is_the_orders(booking: Booking, screening_id: UUID) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1")
    order_id = uuid4()
    booking.seats.holds[UUID(hold.id)].place_order(order_id)

    refusal = await refused(booking.stub.ChangeHold(change_request(hold, ["B1"]), metadata=guest))

    assert (refusal.code.name, refusal.reason) == ("FAILED_PRECONDITION", "HOLD_HAS_ORDER")
    assert refusal.metadata == {"hold_id": hold.id, "order_id": str(order_id)}


async def test_a_screening_that_changes_over_and_over_makes_a_change_come_again(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    hold = await held(booking, screening_id, guest, "A1")
    booking.seats.board_facts_version = 2

    refusal = await refused(booking.stub.ChangeHold(change_request(hold, ["B1"]), metadata=guest))

    assert (refusal.code.name, refusal.reason) == ("ABORTED", "CONCURRENT_CHANGE")
    assert booking.seats.maps[screening_id].states[0] == SeatState.HELD


@pytest.mark.rule("OTC-31c")
async def test_the_seats_of_a_package_lie_in_one_area(booking: Booking, screening_id: UUID) -> None:
    answer = with_family_package(booking.seats.answers[screening_id])
    answer.seat_plan.rows[0].segments[0].seats[3].area = "VIP"
    request = hold_request(screening_id, ["A1", "A2", "A3", "A4"], [(FAMILY, 1)])

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert (refusal.code.name, refusal.reason) == ("FAILED_PRECONDITION", "PACKAGE_NEEDS_ONE_AREA")
    assert refusal.metadata == {"ticket_type": FAMILY, "seat_id": "A4"}


@pytest.mark.rule("OTC-48.7")
async def test_a_promotion_is_shown_with_its_rules_and_what_it_takes_off(
    booking: Booking, screening_id: UUID
) -> None:
    hold = await held(booking, screening_id, as_guest(), "A1", promotion_code="SPRING")

    (seat,) = hold.seats
    assert (seat.price.minor_units, seat.regular_price.minor_units) == (2_400, 3_000)
    assert (
        hold.promotion.promotion_id,
        hold.promotion.code,
        hold.promotion.regulations_version,
    ) == (PROMOTION_ID, "SPRING", "2026-11")


@pytest.mark.rule("OTC-48.7")
async def test_a_code_that_is_not_accepted_holds_and_changes_nothing(
    booking: Booking, screening_id: UUID
) -> None:
    guest = as_guest()
    request = hold_request(screening_id, ["A1"], promotion_code="WINTER")

    refusal = await refused(booking.stub.HoldSeats(request, metadata=guest))
    hold = await held(booking, screening_id, guest, "A1")
    later = await refused(
        booking.stub.ChangeHold(change_request(hold, promotion_code="WINTER"), metadata=guest)
    )

    assert (refusal.code.name, refusal.reason) == ("FAILED_PRECONDITION", "PROMOTION_NOT_ACCEPTED")
    assert later.reason == "PROMOTION_NOT_ACCEPTED"


async def test_without_catalog_no_code_is_taken_and_holds_without_one_go_on(
    booking: Booking, screening_id: UUID
) -> None:
    booking.promotions.is_down = True

    refusal = await refused(
        booking.stub.HoldSeats(
            hold_request(screening_id, ["A1"], promotion_code="SPRING"), metadata=as_guest()
        )
    )
    hold = await held(booking, screening_id, as_guest(), "A1")

    assert (refusal.code.name, refusal.reason) == ("UNAVAILABLE", "DEPENDENCY_UNAVAILABLE")
    assert hold.seats


@pytest.mark.rule("OTC-31c")
async def test_a_package_is_held_and_priced_whole(booking: Booking, screening_id: UUID) -> None:
    with_family_package(booking.seats.answers[screening_id])
    guest, seats = as_guest(), ["A1", "A2", "A3", "A4"]

    hold = await held(booking, screening_id, guest, *seats, tickets=[(FAMILY, 1)])
    page = await booking.stub.ListTenders(
        pb.ListTendersRequest(screening_id=hold.screening_id, hold_id=hold.id), metadata=guest
    )
    part = await refused(booking.stub.ChangeHold(change_request(hold, seats[:3]), metadata=guest))

    assert [(seat.package, seat.package_number) for seat in hold.seats] == [(FAMILY, 1)] * 4
    assert hold.total.minor_units == 2 * 2_500 + 2 * 1_200 + 4 * 200
    family = page.ticket_prices[-1]
    assert (family.ticket_type, family.price.minor_units, family.service_fee.minor_units) == (
        FAMILY,
        7_400,
        800,
    )
    assert list(family.admissions) == ["ADULT", "ADULT", "CHILD", "CHILD"]
    assert part.reason == "SEATS_DO_NOT_MATCH_TICKETS"


async def test_an_order_may_be_capped_as_a_whole(booking: Booking, screening_id: UUID) -> None:
    booking.seats.answers[screening_id].policy.max_tickets_per_order = 3
    request = hold_request(screening_id, ["A1", "A2", "A3", "A4"], [("ADULT", 2), ("CHILD", 2)])

    refusal = await refused(booking.stub.HoldSeats(request, metadata=as_guest()))

    assert (refusal.code.name, refusal.reason) == ("FAILED_PRECONDITION", "ORDER_TOO_LARGE")
    assert refusal.metadata == {"max_tickets_per_order": "3"}
