"""The parties that load runs take are accepted in whatever order they come."""

from random import Random

import pytest
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan
from google.protobuf.json_format import ParseDict

from deploy.programme.hall_layout import Layout, build_plan
from services.booking.domain.gap_rule import single_seats_left
from services.booking.domain.seats import SeatState, with_states
from services.booking.domain.seats_sold_together import seats_not_sold_alone
from tests.kit.legal_seats import LegalSeats, Party
from tests.load.programme import NO_PLAN


@pytest.fixture(params=[(400, False), (148, True)], ids=["without sofas", "with sofas"])
def seats(request: pytest.FixtureRequest) -> LegalSeats:
    capacity, has_sofas = request.param
    contract = build_plan(Layout(capacity, is_vip=False, has_sofas=has_sofas)).to_contract()
    return LegalSeats.of(ParseDict({"id": str(NO_PLAN), **contract}, SeatPlan()))


def must_all_be_accepted(seats: LegalSeats, parties: list[Party], seed: int) -> bytes:
    states = seats.plan.states_before_sales()
    Random(seed).shuffle(parties)  # noqa: S311
    for party in parties:
        chosen = [seats.plan.seat(seat_id).index for seat_id in party]
        assert all(states[index] == SeatState.FREE for index in chosen)
        assert not single_seats_left(seats.plan.layout, states, chosen, strict=True)
        assert not seats_not_sold_alone(seats.plan.layout, states, chosen)
        states = with_states(states, chosen, SeatState.SOLD)
    return states


@pytest.mark.parametrize("seed", range(5))
def test_all_parties_fill_the_hall_in_any_order(seats: LegalSeats, seed: int) -> None:
    states = must_all_be_accepted(seats, seats.all_parties(), seed)

    assert set(states) == {SeatState.SOLD}


@pytest.mark.parametrize("size", [2, 3, 4])
def test_parties_of_one_size_are_accepted_in_any_order(seats: LegalSeats, size: int) -> None:
    parties = seats.parties(size)

    must_all_be_accepted(seats, parties, seed=size)

    assert {len(party) for party in parties} == {size}


def test_blocks_are_those_that_could_be_held_now(seats: LegalSeats) -> None:
    states = seats.plan.states_before_sales()

    blocks = seats.blocks(states, 2)

    assert blocks
    for first, second in blocks:
        chosen = [seats.plan.seat(first).index, seats.plan.seat(second).index]
        assert single_seats_left(seats.plan.layout, states, chosen) == []
