"""Which price lists are refused, and by which field."""

from dataclasses import replace
from typing import Any

import pytest

from services.catalog.domain.errors import NegativePriceError, WrongCurrencyError
from services.catalog.domain.price_lines import AdmissionPrice
from services.catalog.domain.price_soundness import must_be_sound
from services.catalog.domain.prices import FormatSupplement, Prices
from services.catalog.domain.ticket_types import Admission, LocalName, TicketType
from services.common.errors import DomainError, InvalidRequestError
from services.common.money import Money
from tests.unit.catalog.price_builders import (
    ADULT,
    CHILD,
    FAMILY,
    GLASSES,
    a_family_line,
    a_line,
    a_list,
    lei,
)

SOUND = a_list(a_line(3_000), a_line(2_000, "CHILD"), a_family_line(2_400, 1_600), goods=(GLASSES,))
EURO = Money("EUR", 50)
IN_FRENCH = (LocalName("fr", "Un nom"),)


def fields(error: DomainError) -> list[str]:
    return [violation.field for violation in error.violations]


def test_a_sound_list_is_not_refused() -> None:
    must_be_sound(SOUND, "RON")


@pytest.mark.rule("OTC-8")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service_fee": EURO}, "service_fee"),
        ({"lines": (replace(a_line(1), price=EURO),)}, "lines[0].price"),
        ({"supplements": (FormatSupplement("3D", EURO),)}, "supplements[0].supplement"),
        ({"goods": (replace(GLASSES, price=EURO),)}, "goods[0].price"),
    ],
)
def test_the_currency_of_another_cinema_is_refused_and_named(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(WrongCurrencyError) as caught:
        must_be_sound(replace(SOUND, **changes), "RON")

    assert fields(caught.value) == [f"price_list.{field}"]
    assert caught.value.metadata == {"currency_code": "RON"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service_fee": lei(-1)}, "service_fee"),
        ({"lines": (a_line(-1),)}, "lines[0].price"),
        ({"lines": (a_family_line(2_000, -1),)}, "lines[0].admission_prices[1].price"),
        ({"supplements": (FormatSupplement("3D", lei(-1)),)}, "supplements[0].supplement"),
        ({"goods": (replace(GLASSES, price=lei(-1)),)}, "goods[0].price"),
    ],
)
def test_a_negative_price_is_refused_and_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(NegativePriceError) as caught:
        must_be_sound(replace(SOUND, **changes), "RON")

    assert fields(caught.value) == [f"price_list.{field}"]


def with_types(*types: TicketType) -> Prices:
    return replace(SOUND, ticket_types=types, lines=(a_line(1, types[0].code),))


def a_package(*admissions: Admission) -> TicketType:
    return TicketType("PACKAGE", "Package", "", admissions=admissions)


@pytest.mark.parametrize(
    ("prices", "field"),
    [
        (replace(SOUND, lines=(a_line(1, "SENIOR"),)), "lines[0].ticket_type"),
        (replace(SOUND, lines=(a_line(1, before_minute=600, from_minute=600),)),
         "lines[0].local_start_before"),
        (replace(SOUND, lines=(a_line(1), a_line(2, weekdays=(6,)), a_line(3))), "lines[2]"),
        (with_types(ADULT, ADULT), "ticket_types[1].code"),
        (with_types(ADULT, replace(CHILD, min_age_years=15, max_age_years=14)),
         "ticket_types[1].max_age_years"),
        (with_types(ADULT, replace(CHILD, companion_of="DISABLED")),
         "ticket_types[1].companion_of"),
        (with_types(ADULT, replace(CHILD, companion_of="CHILD")), "ticket_types[1].companion_of"),
        (with_types(ADULT, a_package(Admission("CHILD", 2))),
         "ticket_types[1].admissions[0].ticket_type"),
        (with_types(ADULT, CHILD, FAMILY, a_package(Admission("FAMILY", 2))),
         "ticket_types[3].admissions[0].ticket_type"),
        (with_types(ADULT, a_package(Admission("ADULT", 1))), "ticket_types[1].admissions"),
        (with_types(ADULT, a_package(Admission("ADULT", 1), Admission("ADULT", 2))),
         "ticket_types[1].admissions[1].ticket_type"),
        (replace(SOUND, lines=(replace(a_family_line(2_000, 1_000), price=lei(6_001)),)),
         "lines[0].admission_prices"),
        (replace(SOUND, lines=(a_line(6_000, "FAMILY"),)), "lines[0].admission_prices"),
        (replace(SOUND, lines=(a_line(1, admission_prices=(AdmissionPrice("ADULT", lei(1)),)),)),
         "lines[0].admission_prices"),
        (replace(SOUND, supplements=SOUND.supplements * 2), "supplements[2].format"),
        (replace(SOUND, goods=(GLASSES, GLASSES)), "goods[1].code"),
        (with_types(replace(ADULT, names=IN_FRENCH * 2)),
         "ticket_types[0].names[1].language_code"),
        (replace(SOUND, goods=(replace(GLASSES, names=IN_FRENCH * 2),)),
         "goods[0].names[1].language_code"),
        (replace(SOUND, fee_descriptions=IN_FRENCH * 2),
         "service_fee_descriptions[1].language_code"),
    ],
)  # fmt: skip
def test_a_list_that_contradicts_itself_is_refused_and_the_field_named(
    prices: Prices, field: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        must_be_sound(prices, "RON")

    assert fields(caught.value)[0] == f"price_list.{field}"


def test_a_split_out_of_the_range_of_amounts_is_refused() -> None:
    huge = 2**63 - 1
    split = (AdmissionPrice("ADULT", lei(huge)), AdmissionPrice("CHILD", lei(huge)))
    line = a_line(huge, "FAMILY", admission_prices=split)

    with pytest.raises(InvalidRequestError):
        must_be_sound(replace(SOUND, lines=(line,)), "RON")
