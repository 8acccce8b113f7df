from typing import Any

import pytest

from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan import (
    BlockReason,
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    SofaSale,
    Zone,
)
from services.catalog.domain.seat_plan_rules import must_be_sound, with_bound_companions


def seat(name: str, kind: SeatKind = SeatKind.STANDARD, **changes: Any) -> Seat:
    values: dict[str, Any] = {"area": "STANDARD", "sofa_id": "", "x": 0, "y": 0} | changes
    return Seat(name, name[1:], kind, **values)


def plan(*segments: tuple[Seat, ...]) -> SeatPlan:
    return SeatPlan((Row("A", segments),))


def violations(broken: SeatPlan) -> list[str]:
    with pytest.raises(InvalidSeatPlanError) as caught:
        must_be_sound(broken)
    return [violation.field for violation in caught.value.violations]


WHEELCHAIR = seat("A1", SeatKind.WHEELCHAIR)


def test_a_plan_with_sofas_and_wheelchair_places_is_sound() -> None:
    sofa = [seat(f"A{n}", SeatKind.SOFA, sofa_id="S1", area="SOFA") for n in (4, 5)]
    sound = plan((WHEELCHAIR, seat("A2", SeatKind.COMPANION), seat("A3")), tuple(sofa))

    must_be_sound(sound)

    assert sound.capacity == 5
    assert sound.areas == ("SOFA", "STANDARD")


def test_a_seat_is_named_once() -> None:
    broken = plan((seat("A1"),), (seat("A1"),))

    assert violations(broken) == ["rows[0].segments[1].seats[0].id"]


def test_a_row_is_named_once() -> None:
    broken = SeatPlan((Row("A", ((seat("A1"),),)), Row("A", ((seat("A2"),),))))

    assert violations(broken) == ["rows[1].name"]


def test_half_a_sofa_is_no_sofa() -> None:
    broken = plan((seat("A1", SeatKind.SOFA, sofa_id="S1"), seat("A2")))

    assert violations(broken) == ["rows[0].segments[0].seats[0].sofa_id"]


def test_no_aisle_leads_through_a_sofa() -> None:
    half, other = (seat(f"A{n}", SeatKind.SOFA, sofa_id="S1") for n in (1, 2))

    assert "rows[0].segments[0].seats[0].sofa_id" in violations(plan((half,), (other,)))


def test_nobody_sits_between_the_seats_of_a_sofa() -> None:
    half, other = (seat(f"A{n}", SeatKind.SOFA, sofa_id="S1") for n in (1, 3))

    assert violations(plan((half, seat("A2"), other)))


def test_an_ordinary_seat_names_no_sofa() -> None:
    assert violations(plan((seat("A1", sofa_id="S1"), seat("A2", sofa_id="S1"))))


def test_a_companion_sits_beside_a_wheelchair_place() -> None:
    companion = seat("A3", SeatKind.COMPANION)

    broken = plan((WHEELCHAIR, seat("A2"), companion))

    assert violations(broken) == ["rows[0].segments[0].seats[2].kind"]


def test_an_aisle_parts_a_companion_from_the_wheelchair_place() -> None:
    assert violations(plan((WHEELCHAIR,), (seat("A2", SeatKind.COMPANION),)))


def test_a_companion_may_name_its_wheelchair_place_in_the_row() -> None:
    companion = seat("A3", SeatKind.COMPANION, companion_of="A1")

    must_be_sound(plan((WHEELCHAIR, seat("A2")), (companion,)))


@pytest.mark.parametrize("named", ["A2", "B1", "nobody"])
def test_a_companion_names_nothing_but_a_wheelchair_place_of_its_row(named: str) -> None:
    companion = seat("A3", SeatKind.COMPANION, companion_of=named)

    broken = SeatPlan(
        (
            Row("A", ((WHEELCHAIR, seat("A2"), companion),)),
            Row("B", ((seat("B1", SeatKind.WHEELCHAIR),),)),
        )
    )

    assert violations(broken) == ["rows[0].segments[0].seats[2].companion_of"]


def test_only_a_companion_belongs_to_a_wheelchair_place() -> None:
    broken = plan((WHEELCHAIR, seat("A2", companion_of="A1")))

    assert violations(broken) == ["rows[0].segments[0].seats[1].companion_of"]


def test_each_of_two_companions_is_bound_to_a_place_of_its_own() -> None:
    companions = [seat(f"A{n}", SeatKind.COMPANION) for n in (2, 4)]
    sound = plan((WHEELCHAIR, companions[0], seat("A3", SeatKind.WHEELCHAIR), companions[1]))

    bound = with_bound_companions(sound)

    assert [each.companion_of for each in bound.seats()] == ["", "A1", "", "A3"]


def test_a_companion_between_two_places_takes_the_one_without_companion() -> None:
    places = [seat(f"A{n}", SeatKind.WHEELCHAIR) for n in (2, 4)]
    first, second = (seat(f"A{n}", SeatKind.COMPANION) for n in (1, 3))

    bound = with_bound_companions(plan((first, places[0], second, places[1])))

    assert [each.companion_of for each in bound.seats()] == ["A2", "", "A4", ""]


def test_a_blocked_seat_needs_no_price() -> None:
    broken_vip = seat("A2", area="VIP", block_reason=BlockReason.OUT_OF_ORDER)

    assert plan((seat("A1"), broken_vip)).areas == ("STANDARD",)


def test_a_seat_stands_in_a_zone_that_the_plan_has() -> None:
    zones = (Zone("BALCONY", "Balcon"), Zone("BALCONY", "Loja"))
    broken = SeatPlan((Row("A", ((seat("A1", zone_id="LOFT"),),)),), zones=zones)

    assert violations(broken) == ["zones[1].id", "rows[0].segments[0].seats[0].zone_id"]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (plan((seat("A1", x=-1),)), "rows[0].segments[0].seats[0].x"),
        (plan((seat("A1", y=100_001),)), "rows[0].segments[0].seats[0].y"),
        (plan((seat("A1", area="VIP seats"),)), "rows[0].segments[0].seats[0].area"),
        (plan((seat("A_1"),)), "rows[0].segments[0].seats[0].id"),
        (plan((seat("A"),)), "rows[0].segments[0].seats[0].number"),
        (SeatPlan((Row("A\x1b", ((seat("A1"),),)),)), "rows[0].name"),
        (SeatPlan((Row("A", ()),)), "rows[0].segments"),
        (plan(()), "rows[0].segments[0].seats"),
        (SeatPlan(()), "rows"),
        (SeatPlan(tuple(Row(str(n), ()) for n in range(101))), "rows"),
        (SeatPlan((Row("A", ((seat("A1"),),)),), screen=Screen(0, 0, 0)), "screen"),
    ],
)
def test_what_does_not_fit_is_named(broken: SeatPlan, field: str) -> None:
    assert violations(broken)[0] == field


def test_two_thousand_seats_are_enough() -> None:
    rows = tuple(
        Row(f"R{row}", (tuple(seat(f"R{row}N{n}") for n in range(87)),)) for row in range(23)
    )

    assert violations(SeatPlan(rows)) == ["rows"]


def test_equal_plans_have_equal_hashes() -> None:
    assert plan((seat("A1"),)).content_hash() == plan((seat("A1"),)).content_hash()
    assert plan((seat("A1"),)).content_hash() != plan((seat("A1", x=1),)).content_hash()
    assert (
        plan((seat("A1"),)).content_hash()
        != SeatPlan((Row("A", ((seat("A1"),),)),), sofa_sale=SofaSale.HALF_ALLOWED).content_hash()
    )
