"""Which tickets go to which seats, what they cost, and how many there may be."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.booking.adapters.facts_messages import facts_of, plan_of
from services.booking.domain.errors import (
    OrderTooLargeError,
    PackageNeedsOneAreaError,
    SeatsDoNotMatchTicketsError,
    TooManyTicketsError,
    UnknownTicketTypeError,
)
from services.booking.domain.hold import SeatQuote
from services.booking.domain.prices import PriceTable, Promotion
from services.booking.domain.ticket_choice import (
    TicketCount,
    must_not_be_too_many,
    quote_seats,
    tickets_of,
)
from services.common.money import Money
from tests.kit.booking_prices import FAMILY, with_family_package
from tests.kit.booking_seats import a_seat_plan, sales_facts

PLAN_MESSAGE = a_seat_plan(rows=3, seats_per_row=10)
PLAN = plan_of(PLAN_MESSAGE)
FACTS = facts_of(with_family_package(sales_facts(uuid4(), plan=PLAN_MESSAGE)))
PRICES = FACTS.prices


def quoted(seat_ids: list[str], *tickets: tuple[str, int]) -> list[SeatQuote]:
    chosen = [PLAN.seat(seat_id) for seat_id in seat_ids]
    return quote_seats(chosen, [TicketCount(*each) for each in tickets], PRICES, "RON")


def row(name: str, count: int) -> list[str]:
    return [f"{name}{number}" for number in range(1, count + 1)]


@pytest.mark.rule("OTC-14.3")
def test_the_first_type_goes_to_the_first_seats() -> None:
    quotes = quoted(["B2", "A1"], ("CHILD", 1), ("ADULT", 1))

    assert [(quote.seat_id, quote.ticket_type) for quote in quotes] == [
        ("B2", "CHILD"),
        ("A1", "ADULT"),
    ]


@pytest.mark.rule("OTC-14.3")
def test_choices_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(SeatsDoNotMatchTicketsError):
        quoted(["A1"], ("ADULT", 2))
    with pytest.raises(UnknownTicketTypeError):
        quoted(["A1"], ("SENIOR", 1))


@pytest.mark.rule("OTC-14.3")
def test_seats_may_come_first_and_cost_nothing_until_their_tickets_are_chosen() -> None:
    quotes = quoted(["A1", "A2"])

    assert [quote.ticket_type for quote in quotes] == ["", ""]
    assert all(quote.total == Money.zero("RON") for quote in quotes)
    assert tickets_of(quotes) == []


@pytest.mark.rule("OTC-31c")
@pytest.mark.rule("OTC-9")
def test_a_package_takes_a_seat_for_each_admission_and_its_price_and_fee_are_split() -> None:
    quotes = quoted(row("A", 5), ("STUDENT", 1), (FAMILY, 1))

    assert [(q.ticket_type, q.price.minor_units, q.service_fee.minor_units) for q in quotes] == [
        ("STUDENT", 2_000, 200),
        ("ADULT", 2_500, 200),
        ("ADULT", 2_500, 200),
        ("CHILD", 1_200, 200),
        ("CHILD", 1_200, 200),
    ]
    assert [(q.package, q.package_number) for q in quotes] == [("", 0), *[(FAMILY, 1)] * 4]


@pytest.mark.rule("OTC-31c")
def test_a_package_sells_whole_or_not_at_all() -> None:
    with pytest.raises(SeatsDoNotMatchTicketsError) as refused:
        quoted(row("A", 3), (FAMILY, 1))

    assert refused.value.metadata == {"seats": "3", "tickets": "4"}


@pytest.mark.rule("OTC-31c")
def test_the_seats_of_a_package_lie_in_one_area() -> None:
    chosen = [PLAN.seat(seat_id) for seat_id in row("A", 4)]
    chosen[2] = replace(chosen[2], area="VIP")

    with pytest.raises(PackageNeedsOneAreaError) as refused:
        quote_seats(chosen, [TicketCount(FAMILY, 1)], PRICES, "RON")

    assert refused.value.metadata == {"ticket_type": FAMILY, "seat_id": "A3"}


@pytest.mark.rule("OTC-31c")
def test_tickets_are_told_again_as_they_were_chosen_packages_whole() -> None:
    quotes = quoted(row("A", 10), (FAMILY, 2), ("ADULT", 2))

    assert tickets_of(quotes) == [
        TicketCount(FAMILY, 1),
        TicketCount(FAMILY, 1),
        TicketCount("ADULT", 1),
        TicketCount("ADULT", 1),
    ]


@pytest.mark.rule("OTC-13a")
@pytest.mark.parametrize(
    ("tickets", "too_many"),
    [
        ([("ADULT", 10)], ""),
        ([("ADULT", 10), ("CHILD", 10)], ""),
        ([("ADULT", 11)], "ADULT"),
        ([("ADULT", 6), ("CHILD", 1), ("ADULT", 5)], "ADULT"),
        ([(FAMILY, 5)], ""),
        ([(FAMILY, 5), ("CHILD", 1)], "CHILD"),
        ([(FAMILY, 6)], "ADULT"),
    ],
)
def test_ten_tickets_of_a_type_admissions_of_packages_among_them(
    tickets: list[tuple[str, int]], too_many: str
) -> None:
    count = sum(4 * n if ticket_type == FAMILY else n for ticket_type, n in tickets)
    quotes = quoted([*row("A", 10), *row("B", 10), *row("C", 10)][:count], *tickets)

    if not too_many:
        must_not_be_too_many(quotes, FACTS.policy, "WEB")
        return
    with pytest.raises(TooManyTicketsError) as refused:
        must_not_be_too_many(quotes, FACTS.policy, "WEB")
    assert refused.value.metadata == {"ticket_type": too_many, "max_tickets_per_type": "10"}


@pytest.mark.rule("OTC-13a")
def test_an_order_may_be_capped_as_a_whole_which_is_off_by_default() -> None:
    quotes = quoted([*row("A", 10), *row("B", 3)], ("ADULT", 10), ("CHILD", 3))
    capped = replace(FACTS.policy, max_tickets_per_order=12)

    must_not_be_too_many(quotes, FACTS.policy, "WEB")
    must_not_be_too_many(quotes[:12], capped, "WEB")
    with pytest.raises(OrderTooLargeError) as refused:
        must_not_be_too_many(quotes, capped, "WEB")

    assert refused.value.metadata == {"max_tickets_per_order": "12"}


@pytest.mark.rule("OTC-1b")
@pytest.mark.parametrize("channel", ["BOX_OFFICE", "KIOSK"])
def test_staff_sell_groups_of_any_size(channel: str) -> None:
    quotes = quoted([*row("A", 10), *row("B", 5)], ("ADULT", 15))

    must_not_be_too_many(quotes, replace(FACTS.policy, max_tickets_per_order=12), channel)


def promoted(adult: int) -> PriceTable:
    quotes = {
        key: replace(quote, price=Money("RON", adult), regular_price=quote.price)
        if quote.ticket_type == "ADULT"
        else quote
        for key, quote in PRICES.quotes.items()
    }
    return replace(PRICES, quotes=quotes, promotion=Promotion("p-1", "SPRING", "2026-11"))


@pytest.mark.rule("OTC-48.7")
def test_a_promotion_lowers_the_base_price_and_says_what_it_was() -> None:
    prices = PRICES.promoted(promoted(adult=2_400))

    adult, child = prices.quote("ADULT", "STANDARD"), prices.quote("CHILD", "STANDARD")
    assert (adult.price, adult.regular_price) == (Money("RON", 2_400), Money("RON", 3_000))
    assert (child.price, child.regular_price) == (Money("RON", 1_500), None)
    assert prices.promotion == Promotion("p-1", "SPRING", "2026-11")


@pytest.mark.rule("OTC-8")
def test_a_promotion_of_dearer_prices_never_raises_what_was_shown() -> None:
    prices = PRICES.promoted(promoted(adult=3_100))

    assert prices.quote("ADULT", "STANDARD") == PRICES.quote("ADULT", "STANDARD")


@pytest.mark.rule("OTC-48.7")
def test_a_second_promotion_takes_the_place_of_the_first() -> None:
    half = PRICES.promoted(promoted(adult=1_500))

    prices = half.promoted(promoted(adult=2_700))

    adult = prices.quote("ADULT", "STANDARD")
    assert (adult.price, adult.regular_price) == (Money("RON", 2_700), Money("RON", 3_000))
