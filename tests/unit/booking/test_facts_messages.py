"""What booking reads of catalog's facts."""

import pytest
from cinema.catalog.v1 import (
    cinema_pb2,
    price_pb2,
    sales_facts_service_pb2,
    screening_pb2,
)
from cinema.type.v1.money_pb2 import Money

from services.booking.adapters.facts_messages import facts_of
from services.booking.domain.errors import UnknownTicketTypeError

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
    quote = facts_of(the_facts()).quote("ADULT", "STANDARD")

    amounts = [each.minor_units for each in (quote.price, quote.supplement, quote.service_fee)]
    assert amounts == [3_000, 400, 200]


@pytest.mark.rule("OTC-31c")
@pytest.mark.parametrize("code", ["FAMILY", "CHILD", "GLASSES_3D"])
def test_neither_a_package_nor_a_part_of_it_nor_goods_sell_as_a_ticket(code: str) -> None:
    facts = facts_of(the_facts())

    with pytest.raises(UnknownTicketTypeError):
        facts.quote(code, "STANDARD")

    assert facts.ticket_types == {"ADULT"}
