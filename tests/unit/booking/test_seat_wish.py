"""Which seats of a board a wish comes to, and who is like whom."""

from dataclasses import replace
from uuid import uuid4

import pytest
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan as SeatPlanMessage

from services.booking.adapters.facts_messages import facts_of, plan_of
from services.booking.domain.best_seats import Party, PartyKind
from services.booking.domain.caller_limits import CallerLimits
from services.booking.domain.errors import NotEnoughSeatsError, UnknownTicketTypeError
from services.booking.domain.hold import SeatQuote
from services.booking.domain.seat_wish import chooser_of
from services.booking.domain.suggestion import parties_like
from services.booking.domain.ticket_choice import TicketCount
from tests.kit.booking_prices import FAMILY, with_family_package
from tests.kit.booking_seats import a_plan_with_special_seats, a_seat_plan, a_wish, sales_facts


def a_hall_of_two_areas() -> SeatPlanMessage:
    """Row A: three STANDARD and three VIP seats; row B: one VIP seat."""
    plan = a_seat_plan(rows=2, seats_per_row=6)
    for seat in plan.rows[0].segments[0].seats[3:]:
        seat.area = "VIP"
    del plan.rows[1].segments[0].seats[1:]
    plan.rows[1].segments[0].seats[0].area = "VIP"
    return plan


def chosen(
    message: SeatPlanMessage, *tickets: tuple[str, int], areas: tuple[str, ...] = ("VIP",)
) -> list[SeatQuote]:
    """The best seats of an empty hall for these tickets, which the named areas sell besides."""
    answer = with_family_package(sales_facts(uuid4(), plan=message))
    for area in areas:
        for quote in list(answer.quotes):
            answer.quotes.add().MergeFrom(quote)
            answer.quotes[-1].area = area
        for package in list(answer.package_quotes):
            answer.package_quotes.add().MergeFrom(package)
            answer.package_quotes[-1].area = area
    facts, plan = facts_of(answer), plan_of(message)
    counts = [TicketCount(*each) for each in tickets]
    sizes = [facts.prices.seats_of(each.ticket_type) * each.count for each in counts]
    wish = replace(a_wish(uuid4(), (), tickets=counts), party=Party(sum(sizes)))
    choose = chooser_of(wish, facts, plan, facts.prices, CallerLimits())
    return list(choose(plan.states_before_sales()))


def test_a_familys_package_sits_in_one_area_even_in_two_rows() -> None:
    seats = chosen(a_hall_of_two_areas(), (FAMILY, 1))

    assert {seat.area for seat in seats} == {"VIP"}
    assert {seat.package for seat in seats} == {FAMILY}


def test_single_tickets_may_be_of_two_areas() -> None:
    seats = chosen(a_hall_of_two_areas(), ("ADULT", 6))

    assert {seat.area for seat in seats} == {"STANDARD", "VIP"}


def test_what_no_area_sells_is_named_and_what_one_does_not_have_is_not_left() -> None:
    with pytest.raises(UnknownTicketTypeError):
        chosen(a_hall_of_two_areas(), ("PENSIONER", 1))
    with pytest.raises(NotEnoughSeatsError):
        chosen(a_hall_of_two_areas(), ("ADULT", 4), areas=())


@pytest.mark.parametrize(
    ("seat_ids", "kinds"),
    [
        (["A1", "A2"], [PartyKind.ORDINARY] * 2),
        (["S1", "S2"], [PartyKind.SOFA] * 2),
        (["W"], [PartyKind.WHEELCHAIR] * 2),
        (["W", "C"], [PartyKind.WHEELCHAIR] * 2),
        (["W", "A1"], []),
        (["C", "A1"], []),
    ],
)
def test_seats_are_suggested_of_the_kind_that_was_wished_for_or_not_at_all(
    seat_ids: list[str], kinds: list[PartyKind]
) -> None:
    plan = plan_of(a_plan_with_special_seats())

    parties = parties_like([plan.seat(seat_id) for seat_id in seat_ids])

    assert [party.kind for party in parties] == kinds
    assert all(party.count == len(seat_ids) for party in parties)
    assert [set(party.areas) for party in parties] == [{"STANDARD"}, set()][: len(kinds)]
