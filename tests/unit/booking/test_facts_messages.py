"""What booking reads of catalog's facts."""

import pytest
from cinema.catalog.v1 import (
    cinema_pb2,
    policy_pb2,
    price_pb2,
    sales_facts_service_pb2,
    screening_pb2,
)
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan
from cinema.type.v1.money_pb2 import Money

from services.booking.adapters.facts_messages import facts_of, plan_of, policy_of
from services.booking.domain.errors import SingleSeatLeftError, UnknownTicketTypeError
from services.booking.domain.seat_choice import NeighbourRules
from tests.kit.booking_seats import a_plan_with_special_seats, a_seat_plan

RON = "RON"


def bani(amount: int) -> Money:
    return Money(currency_code=RON, minor_units=amount)


def the_facts() -> sales_facts_service_pb2.GetSalesFactsResponse:
    """The facts of a screening with a ticket, a package and something to buy besides."""
    quote = price_pb2.Quote(
        ticket_type="ADULT",
        area="STANDARD",
        price=bani(3_000),
        supplement=bani(400),
        service_fee=bani(200),
    )
    admission = price_pb2.AdmissionQuote(ticket_type="CHILD", count=2, price=bani(1_600))
    return sales_facts_service_pb2.GetSalesFactsResponse(
        screening=screening_pb2.Screening(id="01920000-0000-7000-8000-000000000000"),
        cinema=cinema_pb2.Cinema(currency_code=RON),
        quotes=[quote],
        package_quotes=[
            price_pb2.PackageQuote(
                ticket_type="FAMILY",
                area="STANDARD",
                price=bani(8_000),
                admissions=[admission],
                admission_count=4,
            )
        ],
        goods=[price_pb2.GoodsQuote(item=price_pb2.GoodsItem(code="GLASSES_3D", price=bani(500)))],
    )


@pytest.mark.rule("OTC-8")
def test_a_ticket_costs_what_catalog_quotes_and_nothing_else() -> None:
    quote = facts_of(the_facts()).prices.quote("ADULT", "STANDARD")

    amounts = [each.minor_units for each in (quote.price, quote.supplement, quote.service_fee)]
    assert amounts == [3_000, 400, 200]


@pytest.mark.rule("OTC-31c")
@pytest.mark.parametrize("code", ["FAMILY", "CHILD", "GLASSES_3D"])
def test_neither_a_package_nor_a_part_of_it_nor_goods_sell_as_a_ticket(code: str) -> None:
    prices = facts_of(the_facts()).prices

    with pytest.raises(UnknownTicketTypeError):
        prices.quote(code, "STANDARD")

    assert set(prices.quotes) == {("ADULT", "STANDARD")}


@pytest.mark.rule("OTC-14.4a")
@pytest.mark.parametrize(
    ("gap_rule", "strict"),
    [
        (policy_pb2.GAP_RULE_UNSPECIFIED, False),
        (policy_pb2.GAP_RULE_EXEMPT_WHEN_UNAVOIDABLE, False),
        (policy_pb2.GAP_RULE_STRICT, True),
    ],
)
def test_the_policy_says_whether_the_gap_rule_is_strict(
    gap_rule: policy_pb2.GapRule.ValueType, *, strict: bool
) -> None:
    policy = policy_of(policy_pb2.SalesPolicy(gap_rule=gap_rule))

    assert policy.strict_gap_rule is strict


@pytest.mark.rule("OTC-1b")
@pytest.mark.parametrize(
    ("channel", "at_kiosk", "has_rules"),
    [
        ("WEB", False, True),
        ("APP", False, True),
        ("KIOSK", False, False),
        ("KIOSK", True, True),
        ("BOX_OFFICE", True, False),
    ],
)
def test_seats_are_chosen_by_the_online_rules_where_the_policy_says_so(
    channel: str, *, at_kiosk: bool, has_rules: bool
) -> None:
    policy = policy_of(policy_pb2.SalesPolicy(online_rules_at_kiosk=at_kiosk))
    plan = plan_of(a_seat_plan())
    rules = NeighbourRules(plan, policy, channel)

    if has_rules:
        with pytest.raises(SingleSeatLeftError):
            rules.judge(plan.states_before_sales(), [1])
    else:
        rules.judge(plan.states_before_sales(), [1])


def test_a_plan_says_how_its_seats_belong_together() -> None:
    message = a_plan_with_special_seats()
    message.sofa_sale = SeatPlan.SOFA_SALE_HALF_ALLOWED

    layout = plan_of(message).layout

    assert layout.rows[0].segments == ((2, 6),)
    assert (layout.companions, layout.sofas) == ({1: 0}, {6: (6, 7), 7: (6, 7)})
    assert not layout.sofas_sold_whole
    assert plan_of(a_plan_with_special_seats()).layout.sofas_sold_whole
