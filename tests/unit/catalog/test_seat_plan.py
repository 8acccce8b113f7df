from typing import Any

import pytest

from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan import Row, Seat, SeatKind, SeatPlan


def seat(name: str, kind: SeatKind = SeatKind.STANDARD, **changes: Any) -> Seat:
    values: dict[str, Any] = {"area": "STANDARD", "sofa_id": "", "x": 0, "y": 0} | changes
    return Seat(name, name[1:], kind, **values)


def plan(*segments: tuple[Seat, ...]) -> SeatPlan:
    return SeatPlan((Row("A", segments),))


def violations(broken: SeatPlan) -> list[str]:
    with pytest.raises(InvalidSeatPlanError) as caught:
        broken.must_be_sound()
    return [violation.field for violation in caught.value.violations]


WHEELCHAIR = seat("A1", SeatKind.WHEELCHAIR)


def test_a_plan_with_sofas_and_wheelchair_places_is_sound() -> None:
    sofa = [seat(f"A{n}", SeatKind.SOFA, sofa_id="S1", area="SOFA") for n in (4, 5)]
    sound = plan((WHEELCHAIR, seat("A2", SeatKind.COMPANION), seat("A3")), tuple(sofa))

    sound.must_be_sound()

    assert sound.capacity == 5
    assert sound.areas == ("SOFA", "STANDARD")


def test_a_seat_is_named_once() -> None:
    broken = plan((seat("A1"),), (seat("A1"),))

    assert violations(broken) == ["seat_plan.rows[0].segments[1].seats[0].id"]


def test_a_row_is_named_once() -> None:
    broken = SeatPlan((Row("A", ((seat("A1"),),)), Row("A", ((seat("A2"),),))))

    assert violations(broken) == ["seat_plan.rows[1].name"]


def test_half_a_sofa_is_no_sofa() -> None:
    broken = plan((seat("A1", SeatKind.SOFA, sofa_id="S1"), seat("A2")))

    assert violations(broken) == ["seat_plan.rows[0].segments[0].seats[0].sofa_id"]


def test_no_aisle_leads_through_a_sofa() -> None:
    half, other = (seat(f"A{n}", SeatKind.SOFA, sofa_id="S1") for n in (1, 2))

    assert "seat_plan.rows[0].segments[0].seats[0].sofa_id" in violations(plan((half,), (other,)))


def test_nobody_sits_between_the_seats_of_a_sofa() -> None:
    half, other = (seat(f"A{n}", SeatKind.SOFA, sofa_id="S1") for n in (1, 3))

    assert violations(plan((half, seat("A2"), other)))


def test_an_ordinary_seat_names_no_sofa() -> None:
    assert violations(plan((seat("A1", sofa_id="S1"), seat("A2", sofa_id="S1"))))


def test_a_companion_sits_beside_a_wheelchair_place() -> None:
    companion = seat("A3", SeatKind.COMPANION)

    broken = plan((WHEELCHAIR, seat("A2"), companion))

    assert violations(broken) == ["seat_plan.rows[0].segments[0].seats[2].kind"]


def test_an_aisle_parts_a_companion_from_the_wheelchair_place() -> None:
    assert violations(plan((WHEELCHAIR,), (seat("A2", SeatKind.COMPANION),)))


def test_two_thousand_seats_are_enough() -> None:
    rows = tuple(
        Row(f"R{row}", (tuple(seat(f"R{row}N{n}") for n in range(87)),)) for row in range(23)
    )

    assert violations(SeatPlan(rows)) == ["seat_plan.rows"]


def test_equal_plans_have_equal_hashes() -> None:
    assert plan((seat("A1"),)).content_hash() == plan((seat("A1"),)).content_hash()
    assert plan((seat("A1"),)).content_hash() != plan((seat("A1", x=1),)).content_hash()
