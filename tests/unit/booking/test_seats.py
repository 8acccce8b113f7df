"""Seat maps, choices of seats, and their wire form."""

from dataclasses import replace
from uuid import uuid4

import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.catalog.v1.seat_plan_pb2 import Seat as SeatMessage
from hypothesis import given
from hypothesis import strategies as st

from services.booking.adapters.facts_messages import facts_of, plan_of
from services.booking.domain.errors import SeatUnavailableError, UnknownSeatError
from services.booking.domain.seat_choice import refuse_taken, seats_not_free
from services.booking.domain.seats import SeatMap, SeatState, with_states
from services.booking.domain.tenders import CardOption, seat_options
from services.booking.domain.ticket_choice import TicketCount, quote_seats
from services.booking.handlers.converters import pack_seat_map
from services.common.money import Money
from tests.kit.booking_seats import SERVER_START, a_seat_plan, not_sold, sales_facts
from tests.unit.booking.test_hold import a_hold

PLAN = a_seat_plan(rows=2, seats_per_row=3)
FACTS = facts_of(sales_facts(uuid4(), plan=PLAN))


def a_map(states: bytes, *, epoch: int = 3, revision: int = 300) -> SeatMap:
    return SeatMap(
        uuid4(), uuid4(), epoch, revision, 1, on_sale=True, states=states, server_start=SERVER_START
    )


@given(st.binary(max_size=600).map(lambda raw: bytes(byte % 4 + 1 for byte in raw)))
def test_a_packed_map_reads_as_the_message_does(states: bytes) -> None:
    seat_map = a_map(states)

    answer = pb.GetSeatMapResponse.FromString(pack_seat_map(seat_map))

    assert bytes(answer.states) == states
    assert (answer.screening_id, answer.seat_plan_id) == (
        str(seat_map.screening_id),
        str(seat_map.seat_plan_id),
    )
    assert (answer.epoch, answer.revision) == (3, 300)


def test_seats_count_through_rows_and_segments() -> None:
    plan = plan_of(PLAN)

    assert [(seat.id, seat.index) for seat in plan.seats.values()] == [
        ("A1", 0), ("A2", 1), ("A3", 2), ("B1", 3), ("B2", 4), ("B3", 5),
    ]  # fmt: skip
    with pytest.raises(UnknownSeatError):
        plan.seat("C1")


def test_what_the_plan_blocks_is_not_free() -> None:
    message = a_seat_plan(rows=1, seats_per_row=3)
    message.rows[0].segments[0].seats[1].block_reason = SeatMessage.BLOCK_REASON_OUT_OF_ORDER
    plan = plan_of(message)

    assert [seat.id for seat in plan.blocked_seats()] == ["A2"]
    assert list(plan.states_before_sales()) == [SeatState.FREE, SeatState.BLOCKED, SeatState.FREE]


def test_changed_states_leave_the_others_alone() -> None:
    states = with_states(bytes([1] * 4), [1, 3], SeatState.SOLD)

    assert list(states) == [1, 3, 1, 3]


@pytest.mark.parametrize(
    ("epoch", "revision", "reached"),
    [(3, 300, True), (3, 301, False), (2, 999, True), (4, 1, False)],
)
def test_a_map_reaches_a_revision_of_its_own_epoch_or_an_older_one(
    epoch: int, revision: int, *, reached: bool
) -> None:
    assert a_map(b"").has_reached(epoch, revision) is reached


def test_taken_seats_are_named_with_their_states() -> None:
    plan = plan_of(PLAN)
    chosen = [plan.seat("A1"), plan.seat("A2")]
    quotes = quote_seats(chosen, [TicketCount("ADULT", 2)], FACTS.prices, "RON")
    taken = seats_not_free(bytes([1, 3, 1, 1, 1, 1]), quotes)

    with pytest.raises(SeatUnavailableError) as refused:
        refuse_taken(taken)

    assert [(each.field, each.description) for each in refused.value.violations] == [("A2", "SOLD")]


def test_facts_are_read_with_their_reason_and_local_date() -> None:
    facts = facts_of(not_sold(sales_facts(uuid4(), plan=PLAN), "CATEGORY"))

    assert (facts.sold_online, facts.not_sold_reason) == (False, "CATEGORY")
    assert facts.local_date == facts.local_start[:10]
    assert facts_of(sales_facts(uuid4())).not_sold_reason == ""


def test_a_state_that_is_not_known_is_not_for_sale() -> None:
    answer = sales_facts(uuid4(), plan=PLAN)
    answer.screening.state = 99  # type: ignore[assignment] # a newer catalog's

    assert not facts_of(answer).sold_online


@pytest.mark.parametrize(("fee_on_places", "money_due"), [(False, 500), (True, 700)])
def test_a_place_leaves_the_supplement_and_where_said_so_the_fee(
    money_due: int, *, fee_on_places: bool
) -> None:
    hold = a_hold()
    hold.terms = replace(hold.terms, fee_on_places=fee_on_places)
    card = CardOption(uuid4(), "3 places", "****1", 1, {"A2": Money("RON", 500)}, {"A1": "X"})

    other, eligible = seat_options(hold, card)

    assert (eligible.eligible, eligible.money_due) == (True, Money("RON", money_due))
    assert (other.eligible, other.ineligible_reason) == (False, "X")
    assert other.money_due == hold.seats[0].total
