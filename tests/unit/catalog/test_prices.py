"""What a price list quotes for a screening."""

import pytest

from services.catalog.domain.price_lines import Occasion, PriceLine
from services.catalog.domain.prices import Prices
from services.catalog.domain.quotes import PackageQuote
from tests.unit.catalog.price_builders import (
    GLASSES,
    SATURDAY,
    TUESDAY,
    a_family_line,
    a_line,
    a_list,
    lei,
    on,
)

PRICES = a_list(
    a_line(3_000),
    a_line(2_000, weekdays=(2,)),
    a_line(5_000, area="VIP"),
    a_line(1_900, "STUDENT"),
    a_family_line(2_400, 1_600),
    goods=(GLASSES,),
)


def quoted(
    occasion: Occasion, areas: tuple[str, ...] | None = None, prices: Prices = PRICES
) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        (quote.ticket_type.code, quote.area): (
            quote.price.minor_units,
            quote.supplement.minor_units,
        )
        for quote in prices.quotes(occasion, areas).tickets
    }


def the_package(occasion: Occasion, prices: Prices = PRICES) -> PackageQuote:
    (package,) = prices.quotes(occasion, ("STANDARD",)).packages
    return package


@pytest.mark.rule("OTC-5")
def test_each_area_of_the_plan_has_its_price_and_what_has_none_is_left_out() -> None:
    assert quoted(on(SATURDAY), ("STANDARD", "VIP", "SOFA")) == {
        ("ADULT", "STANDARD"): (3_000, 0),
        ("ADULT", "VIP"): (5_000, 0),
        ("STUDENT", "STANDARD"): (1_900, 0),
    }


@pytest.mark.rule("OTC-5")
def test_the_day_of_the_screening_decides() -> None:
    assert quoted(on(TUESDAY))["ADULT", "STANDARD"] == (2_000, 0)
    assert quoted(on(SATURDAY))["ADULT", "STANDARD"] == (3_000, 0)


def test_supplements_of_all_formats_add_up() -> None:
    assert quoted(on(SATURDAY, "20:00", "IMAX", "3D"))["ADULT", "VIP"] == (5_000, 1_300)
    assert quoted(on(SATURDAY, "20:00", "2D", "DOLBY_ATMOS"))["ADULT", "VIP"] == (5_000, 0)


@pytest.mark.rule("CARD-6")
def test_what_a_format_costs_more_than_2d_is_a_supplement() -> None:
    prices = a_list(a_line(3_000), a_line(4_000, format="IMAX"))

    assert quoted(on(SATURDAY, "20:00", "IMAX"), prices=prices) == {
        ("ADULT", "STANDARD"): (3_000, 1_000 + 900)
    }
    assert quoted(on(SATURDAY), prices=prices) == {("ADULT", "STANDARD"): (3_000, 0)}


@pytest.mark.parametrize("usual", [(), (a_line(3_000),)])
def test_a_format_that_is_cheaper_or_has_no_2d_price_has_its_own(
    usual: tuple[PriceLine, ...],
) -> None:
    prices = a_list(*usual, a_line(2_500, format="IMAX"))

    assert quoted(on(SATURDAY, "20:00", "IMAX"), prices=prices) == {
        ("ADULT", "STANDARD"): (2_500, 900)
    }


@pytest.mark.rule("OTC-9")
def test_the_fee_is_beside_the_price_of_each_ticket() -> None:
    quotes = PRICES.quotes(on(SATURDAY), None)

    assert {quote.service_fee for quote in quotes.tickets} == {lei(200)}
    assert all(lei(200) < quote.price for quote in quotes.tickets)


@pytest.mark.rule("OTC-31c")
def test_a_package_is_its_admissions_each_with_price_and_fee() -> None:
    package = the_package(on(SATURDAY, "20:00", "3D"))

    assert package.price == lei(8_000)
    assert [
        (each.ticket_type.code, each.count, each.price, each.supplement, each.service_fee)
        for each in package.admissions
    ] == [
        ("ADULT", 2, lei(2_400), lei(400), lei(200)),
        ("CHILD", 2, lei(1_600), lei(400), lei(200)),
    ]


@pytest.mark.rule("OTC-31c")
def test_a_package_is_no_ticket_and_its_prices_are_no_tickets_prices() -> None:
    tickets = quoted(on(SATURDAY), ("STANDARD",))

    assert tickets == {("ADULT", "STANDARD"): (3_000, 0), ("STUDENT", "STANDARD"): (1_900, 0)}


@pytest.mark.rule("OTC-28")
def test_each_admission_of_a_package_needs_its_own_proof() -> None:
    proofs = {
        each.ticket_type.code: each.ticket_type.proof
        for each in the_package(on(SATURDAY)).admissions
    }

    assert proofs == {"ADULT": "", "CHILD": "AGE_DOCUMENT"}


def test_the_technology_of_a_package_is_split_over_its_admissions_too() -> None:
    prices = a_list(a_family_line(2_400, 1_600), a_family_line(3_000, 2_000, format="4DX"))

    package = the_package(on(SATURDAY, "20:00", "4DX"), prices)

    assert package.price == lei(8_000)
    assert [each.supplement for each in package.admissions] == [lei(600), lei(400)]


@pytest.mark.rule("OTC-8")
def test_glasses_are_goods_of_3d_shows_and_in_no_price() -> None:
    with_glasses = PRICES.quotes(on(SATURDAY, "20:00", "3D"), None)
    without = PRICES.quotes(on(SATURDAY), None)

    assert (with_glasses.goods, without.goods) == ((GLASSES,), ())
    assert [q.price for q in with_glasses.tickets] == [q.price for q in without.tickets]
