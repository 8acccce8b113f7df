from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.catalog.domain.errors import NegativePriceError, WrongCurrencyError
from services.catalog.domain.prices import FormatSupplement, PriceLine, Prices, TicketType
from services.common.errors import InvalidRequestError
from services.common.money import Money

TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)


def lei(bani: int) -> Money:
    return Money("RON", bani)


PRICES = Prices(
    cinema_id="1818",
    effective_time=datetime(2026, 1, 1, tzinfo=UTC),
    ticket_types=(TicketType("ADULT", "Adult", ""), TicketType("STUDENT", "Student", "CARD")),
    lines=(
        PriceLine("ADULT", "STANDARD", (), lei(3_000)),
        PriceLine("ADULT", "STANDARD", (1, 2, 3), lei(2_500)),
        PriceLine("ADULT", "STANDARD", (2,), lei(2_000)),
        PriceLine("ADULT", "VIP", (), lei(5_000)),
        PriceLine("STUDENT", "STANDARD", (), lei(1_900)),
    ),
    supplements=(FormatSupplement("3D", lei(400)), FormatSupplement("IMAX", lei(900))),
    service_fee=lei(200),
    fee_on_places=False,
)


def quoted(day: date, formats: tuple[str, ...] = ("2D",), areas: tuple[str, ...] | None = None):
    return {
        (quote.ticket_type.code, quote.area): (
            quote.price.minor_units,
            quote.supplement.minor_units,
        )
        for quote in PRICES.quotes(day, formats, areas)
    }


@pytest.mark.rule("OTC-5")
def test_the_line_for_the_fewest_days_wins() -> None:
    assert quoted(TUESDAY)["ADULT", "STANDARD"] == (2_000, 0)
    assert quoted(date(2026, 11, 25))["ADULT", "STANDARD"] == (2_500, 0)
    assert quoted(SATURDAY)["ADULT", "STANDARD"] == (3_000, 0)


@pytest.mark.rule("OTC-5")
def test_each_area_of_the_plan_has_its_price_and_what_has_none_is_left_out() -> None:
    assert quoted(SATURDAY, areas=("STANDARD", "VIP", "SOFA")) == {
        ("ADULT", "STANDARD"): (3_000, 0),
        ("ADULT", "VIP"): (5_000, 0),
        ("STUDENT", "STANDARD"): (1_900, 0),
    }


def test_supplements_of_all_formats_add_up() -> None:
    assert quoted(SATURDAY, ("3D", "IMAX"))["ADULT", "VIP"] == (5_000, 1_300)
    assert quoted(SATURDAY, ("2D", "DOLBY_ATMOS"))["ADULT", "VIP"] == (5_000, 0)


def test_every_weekday_and_area_with_a_price_is_named() -> None:
    assert {"2STANDARD", "7STANDARD", "1VIP"} <= set(PRICES.priced())
    assert len(PRICES.priced()) == 14


def test_another_currency_is_refused() -> None:
    with pytest.raises(WrongCurrencyError):
        replace(PRICES, service_fee=Money("EUR", 50)).must_be_sound("RON")


def test_a_negative_price_is_refused_and_named() -> None:
    lines = (*PRICES.lines, PriceLine("ADULT", "SOFA", (), lei(-1)))

    with pytest.raises(NegativePriceError) as caught:
        replace(PRICES, lines=lines).must_be_sound("RON")

    assert [v.field for v in caught.value.violations] == ["price_list.lines[5].price"]


def test_a_line_for_an_unknown_ticket_type_is_refused() -> None:
    lines = (*PRICES.lines, PriceLine("SENIOR", "STANDARD", (), lei(1)))

    with pytest.raises(InvalidRequestError):
        replace(PRICES, lines=lines).must_be_sound("RON")


def test_a_ticket_type_is_named_once() -> None:
    PRICES.must_be_sound("RON")

    with pytest.raises(InvalidRequestError):
        replace(PRICES, ticket_types=(*PRICES.ticket_types, PRICES.ticket_types[0])).must_be_sound(
            "RON"
        )
