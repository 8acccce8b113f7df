from datetime import date
from typing import Any

import pytest

from services.common.money import Money
from services.wallet.domain.eligibility import IneligibleReason, judge
from services.wallet.domain.errors import PlaceNotEligibleError
from tests.unit.wallet.builders import a_card, a_lot, a_product, a_screening, a_seat

MONDAY = date(2027, 5, 17)
SUNDAY = date(2027, 5, 16)


@pytest.mark.rule("CARD-1")
@pytest.mark.parametrize(
    ("terms", "facts", "area", "reason"),
    [
        ({}, {}, "STANDARD", None),
        ({}, {"format": "IMAX"}, "STANDARD", None),
        ({}, {"public_holiday": True}, "STANDARD", None),
        ({"formats": frozenset()}, {"format": "SCREENX"}, "STANDARD", None),
        ({"weekdays": frozenset({1})}, {"local_date": MONDAY}, "STANDARD", None),
        ({"cinema_ids": frozenset({"iulius-cluj"})}, {}, "STANDARD", None),
        ({}, {"cards_accepted": False}, "STANDARD", "CINEMA_NOT_COVERED"),
        ({"cinema_ids": frozenset({"afi"})}, {}, "STANDARD", "CINEMA_NOT_COVERED"),
        ({}, {"event_kind": "OPERA"}, "STANDARD", "EVENT_KIND_NOT_COVERED"),
        ({"formats": frozenset({"2D"})}, {"format": "3D"}, "STANDARD", "FORMAT_NOT_COVERED"),
        ({"weekdays": frozenset({1})}, {"local_date": SUNDAY}, "STANDARD", "DAY_NOT_COVERED"),
        ({"valid_on_holidays": False}, {"public_holiday": True}, "STANDARD", "DAY_NOT_COVERED"),
        ({}, {}, "VIP", "AREA_NOT_COVERED"),
        ({}, {"local_date": date(2027, 5, 21)}, "STANDARD", "EXPIRES_BEFORE_SCREENING"),
    ],
)
def test_the_screening_and_the_seat_decide_whether_a_place_can_pay(
    terms: dict[str, Any], facts: dict[str, Any], area: str, reason: str | None
):
    card = a_card(a_product(**terms))

    eligibility = judge(card, a_screening(**facts), [a_seat(area=area)], seats_paid=0)

    assert eligibility.ineligible.get("F7") == reason
    assert ("F7" in eligibility.supplements_due) is (reason is None)
    assert eligibility.places_usable == (1 if reason is None else 0)


# The wallet is never told today's date or the time of the start: a place valid to 20 May pays a
# screening of 20 May (19:00 or 23:50, bought on the 10th or the 19th) and none of the 21st, not
# even one at 00:15 whose business day is still the 20th.
@pytest.mark.rule("CARD-17")
@pytest.mark.parametrize(
    ("local_date", "covered"),
    [
        (date(2027, 5, 10), True),
        (date(2027, 5, 19), True),
        (date(2027, 5, 20), True),
        (date(2027, 5, 21), False),
        (date(2028, 5, 20), False),
    ],
)
def test_a_place_valid_to_20_may_pays_screenings_up_to_that_local_date(
    local_date: date, *, covered: bool
):
    card = a_card(lots=[a_lot(3, date(2027, 5, 20))])

    eligibility = judge(card, a_screening(local_date=local_date), [a_seat()], seats_paid=0)

    assert ("F7" in eligibility.supplements_due) is covered
    if not covered:
        assert eligibility.ineligible["F7"] is IneligibleReason.EXPIRES_BEFORE_SCREENING


def test_an_empty_card_has_no_places_left():
    card = a_card(lots=[a_lot(0)])

    eligibility = judge(card, a_screening(), [a_seat()], seats_paid=0)

    assert eligibility.ineligible == {"F7": IneligibleReason.NO_PLACES_LEFT}


def test_an_empty_expired_card_has_no_places_left_rather_than_expired_ones():
    card = a_card(lots=[a_lot(0, date(2020, 1, 1))])

    eligibility = judge(card, a_screening(), [a_seat()], seats_paid=0)

    assert eligibility.ineligible == {"F7": IneligibleReason.NO_PLACES_LEFT}


def test_the_supplement_stays_due_unless_the_card_includes_it():
    seats = [a_seat(supplement=1_000)]
    screening = a_screening(format="IMAX")

    without = judge(a_card(), screening, seats, seats_paid=0)
    included = judge(a_card(a_product(supplements_included=True)), screening, seats, seats_paid=0)

    assert without.supplements_due == {"F7": Money("RON", 1_000)}
    assert included.supplements_due == {"F7": Money("RON", 0)}


@pytest.mark.rule("CARD-5")
def test_one_card_pays_several_seats_up_to_the_rest():
    seats = [a_seat("F7"), a_seat("F8"), a_seat("F9"), a_seat("F10")]
    card = a_card(lots=[a_lot(3)])

    eligibility = judge(card, a_screening(), seats, seats_paid=0)

    assert eligibility.places_usable == 3
    eligibility.must_cover(card.id, seats[:3])
    with pytest.raises(PlaceNotEligibleError) as caught:
        eligibility.must_cover(card.id, seats)
    assert caught.value.metadata["seat_id"] == "F10"
    assert caught.value.metadata["ineligible_reason"] == "NO_PLACES_LEFT"


def test_the_seats_of_earlier_orders_count_towards_the_limit_per_screening():
    card = a_card(a_product(max_seats_per_screening=2))

    first = judge(card, a_screening(), [a_seat()], seats_paid=1)
    second = judge(card, a_screening(), [a_seat()], seats_paid=2)

    assert first.places_usable == 1
    assert second.ineligible == {"F7": IneligibleReason.ONE_SEAT_PER_SCREENING}


def test_each_seat_is_judged_by_its_own_area():
    seats = [a_seat("F7"), a_seat("V1", "VIP")]

    eligibility = judge(a_card(), a_screening(), seats, seats_paid=0)

    assert set(eligibility.supplements_due) == {"F7"}
    assert eligibility.ineligible == {"V1": IneligibleReason.AREA_NOT_COVERED}


@pytest.mark.rule("CARD-7")
@pytest.mark.parametrize(("screening_format", "due"), [("IMAX", 0), ("4DX", 1_000)])
def test_a_product_may_include_the_supplements_of_some_formats_alone(
    screening_format: str, due: int
):
    card = a_card(a_product(supplements_included=True, supplement_formats=frozenset({"IMAX"})))

    eligibility = judge(
        card, a_screening(format=screening_format), [a_seat(supplement=1_000)], seats_paid=0
    )

    assert eligibility.supplements_due == {"F7": Money("RON", due)}


@pytest.mark.rule("CARD-17")
@pytest.mark.parametrize(("business_day", "usable"), [(None, 0), (date(2027, 5, 20), 3)])
def test_a_show_after_midnight_counts_as_its_date_unless_the_chain_counts_by_business_days(
    business_day: date | None, usable: int
):
    after_midnight = a_screening(local_date=date(2027, 5, 21), business_day=business_day)

    eligibility = judge(a_card(), after_midnight, [a_seat(f"F{n}") for n in range(3)], seats_paid=0)

    assert eligibility.places_usable == usable
