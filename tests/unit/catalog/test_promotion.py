"""What a promotion's code does to quotes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.catalog.domain.cinema import Cinema
from services.catalog.domain.errors import PromotionNotAcceptedError
from services.catalog.domain.price_lines import Occasion
from services.catalog.domain.promotion import Discount, DiscountKind, Promotion, PromotionTerms
from services.common.errors import InvalidRequestError
from services.common.money import Money
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

CINEMA = Cinema(
    id="1818",
    name="Cinema",
    city="Arad",
    phone="+40314130320",
    time_zone="Europe/Bucharest",
    currency="RON",
    formats=("2D",),
    cards_accepted=True,
    sold_online=True,
    country_code="RO",
    policy_code="cinema-city-ro",
)
PRICES = a_list(
    a_line(3_001), a_line(2_000, "STUDENT"), a_family_line(2_400, 1_600), goods=(GLASSES,)
)


def a_promotion(
    kind: DiscountKind = DiscountKind.PERCENT_OFF, value: int = 50, **changes: Any
) -> Promotion:
    terms = PromotionTerms(
        code="TUESDAY",
        policy_code="cinema-city-ro",
        cinema_ids=(),
        effective_time=datetime(2026, 1, 1, tzinfo=UTC),
        end_time=datetime(2027, 1, 1, tzinfo=UTC),
        discount=Discount(kind, value, "" if kind is DiscountKind.PERCENT_OFF else "RON"),
        ticket_types=(),
        formats=(),
        weekdays=(),
        regulations_version="1",
        regulations_text="Own regulations.",
    )
    return Promotion(UUID(int=1), replace(terms, **changes))


def applied(promotion: Promotion, occasion: Occasion, cinema: Cinema = CINEMA) -> dict[str, int]:
    quotes = promotion.apply(PRICES.quotes(occasion, ("STANDARD",)), cinema, occasion)
    return {quote.ticket_type.code: quote.price.minor_units for quote in quotes.tickets}


@pytest.mark.rule("OTC-48.7")
@pytest.mark.parametrize(
    ("kind", "value", "price", "expected"),
    [
        (DiscountKind.PERCENT_OFF, 50, 3_000, 1_500),
        (DiscountKind.PERCENT_OFF, 50, 3_001, 1_500),
        (DiscountKind.PERCENT_OFF, 33, 1, 1),
        (DiscountKind.PERCENT_OFF, 100, 3_001, 0),
        (DiscountKind.AMOUNT_OFF, 500, 3_000, 2_500),
        (DiscountKind.AMOUNT_OFF, 500, 499, 0),
        (DiscountKind.FIXED_PRICE, 1_500, 3_000, 1_500),
        (DiscountKind.FIXED_PRICE, 1_500, 1_200, 1_200),
        (DiscountKind.PERCENT_OFF, 99, 2**63 - 1, 92233720368547758),
    ],
)
def test_a_discount_never_goes_below_zero_and_never_makes_dearer(
    kind: DiscountKind, value: int, price: int, expected: int
) -> None:
    assert Discount(kind, value).apply(lei(price)) == lei(expected)


def test_every_ticket_takes_part_unless_some_are_named() -> None:
    assert applied(a_promotion(), on(TUESDAY)) == {"ADULT": 1_500, "STUDENT": 1_000}
    assert applied(a_promotion(ticket_types=("STUDENT",)), on(TUESDAY)) == {
        "ADULT": 3_001,
        "STUDENT": 1_000,
    }


def test_supplements_fees_packages_and_goods_stay_as_they_are() -> None:
    occasion = on(TUESDAY, "20:00", "3D")
    before = PRICES.quotes(occasion, ("STANDARD",))

    after = a_promotion(value=100).apply(before, CINEMA, occasion)

    assert [quote.price for quote in after.tickets] == [lei(0), lei(0)]
    assert [quote.supplement for quote in after.tickets] == [lei(400), lei(400)]
    assert [quote.service_fee for quote in after.tickets] == [lei(200), lei(200)]
    assert [quote.regular for quote in after.tickets] == [lei(3_001), lei(2_000)]
    assert (after.packages, after.goods) == (before.packages, before.goods)


@pytest.mark.parametrize(
    ("promotion", "occasion"),
    [
        (a_promotion(weekdays=(2,)), on(SATURDAY)),
        (a_promotion(formats=("IMAX",)), on(TUESDAY)),
        (a_promotion(cinema_ids=("1806",)), on(TUESDAY)),
        (a_promotion(policy_code="cinecarte-fr"), on(TUESDAY)),
        (a_promotion(ticket_types=("SENIOR",)), on(TUESDAY)),
        (a_promotion(discount=Discount(DiscountKind.AMOUNT_OFF, 100, "EUR")), on(TUESDAY)),
    ],
)
def test_a_screening_that_does_not_take_part_is_refused(
    promotion: Promotion, occasion: Occasion
) -> None:
    with pytest.raises(PromotionNotAcceptedError):
        applied(promotion, occasion)


def test_a_cinema_and_a_day_that_are_named_take_part() -> None:
    promotion = a_promotion(cinema_ids=("1806", "1818"), weekdays=(1, 2), formats=("2D",))

    assert applied(promotion, on(TUESDAY))["ADULT"] == 1_500


def test_a_promotion_that_ends_before_it_begins_is_refused() -> None:
    terms = a_promotion().terms

    with pytest.raises(InvalidRequestError) as caught:
        replace(terms, end_time=terms.effective_time).must_be_sound()

    assert caught.value.violations[0].field == "promotion.end_time"


def test_the_currency_of_a_price_stays() -> None:
    assert Discount(DiscountKind.PERCENT_OFF, 10).apply(Money("EUR", 100)) == Money("EUR", 90)
