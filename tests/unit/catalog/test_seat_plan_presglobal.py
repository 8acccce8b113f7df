from typing import Any

import pytest

from services.catalog.domain.seat_plan import BlockReason
from services.catalog.domain.seat_plan_source import NoteReason, PlanFormat
from tests.unit.catalog.seat_plan_files import (
    presglobal,
    presglobal_row,
    presglobal_seat,
    presglobal_section,
    read,
    refused,
    told,
)


def one_row(seats: Any, name: str = "1") -> dict[str, Any]:
    return presglobal(presglobal_section({"1": presglobal_row(name, seats)}))


def test_a_missing_place_is_an_aisle() -> None:
    seats = {str(x): presglobal_seat(str(n)) for n, x in enumerate((1, 2, 4, 5), 1)}
    seats["9"] = presglobal_seat("5", XCoordinate=9)

    found = read(one_row(seats))

    assert found.format is PlanFormat.PRESGLOBAL
    assert told(found.plan) == ["1: 1-1 1-2 | 1-3 1-4 | 1-5"]
    assert [seat.x for seat in found.plan.seats()] == [150, 250, 450, 550, 950]
    assert found.plan.areas == ("STANDARD",)
    assert found.plan.zones == ()


def test_objects_may_be_lists_and_their_members_missing() -> None:
    seats = [presglobal_seat("1"), None, presglobal_seat("2", XCoordinate="2")]
    document = {"sections": [{"groups": [{"rows": [None, {"seats": seats, "RowName": 7}]}]}]}

    assert told(read(document).plan) == ["7: 7-1 | 7-2"]


def test_a_seat_may_be_without_everything_but_its_name() -> None:
    document = {"sections": {"1": {"groups": {"0": {"rows": {"4": {"seats": {
        "1": {"SeatName": "1"}, "2": {"SeatName": "2", "YCoordinate": None},
    }}}}}}}}  # fmt: skip

    assert told(read(document).plan) == ["4: 4-1 4-2"]


@pytest.mark.parametrize("mark", ["V1", "v2", "V", "W3", "WH1", "ZTP 2"])
def test_a_mark_is_a_wheelchair_place(mark: str) -> None:
    found = read(one_row({"1": presglobal_seat("1"), "2": presglobal_seat(mark)}))

    assert [seat.kind for seat in found.plan.seats()] == ["STANDARD", "WHEELCHAIR"]
    assert [seat.number for seat in found.plan.seats()] == ["1", mark]


def test_seats_that_are_named_after_their_row_are_no_wheelchair_places() -> None:
    found = read(one_row({"1": presglobal_seat("V1"), "2": presglobal_seat("V2")}, name="V"))

    assert {seat.kind for seat in found.plan.seats()} == {"STANDARD"}


@pytest.mark.parametrize(
    ("state", "block_reason"),
    [
        ({"isBlocked": 0, "isAvailable": 0}, BlockReason.NONE),
        ({"isBlocked": 1}, BlockReason.HOUSE),
        ({"isBlocked": "1"}, BlockReason.HOUSE),
        ({"isBlocked": True}, BlockReason.HOUSE),
        ({"isBlocked": "no", "isAvailable": "yes"}, BlockReason.NONE),
    ],
)
def test_what_is_blocked_is_not_sold(state: dict[str, Any], block_reason: BlockReason) -> None:
    found = read(one_row({"1": presglobal_seat("1", **state)}))

    assert [seat.block_reason for seat in found.plan.seats()] == [block_reason]
    assert found.notes == ()


def test_a_seat_of_an_unknown_state_is_not_sold_and_told() -> None:
    found = read(one_row({"1": presglobal_seat("1", isAvailable="perhaps")}))

    (note,) = found.notes
    assert [seat.block_reason for seat in found.plan.seats()] == [BlockReason.UNKNOWN]
    assert note.reason is NoteReason.UNKNOWN_STATUS
    assert note.field == "sections.1.groups.0.rows.1.seats.1.isAvailable"
    assert note.value == "perhaps"


def test_seats_of_one_small_group_are_a_sofa() -> None:
    seats = {
        "1": presglobal_seat("1", VenueSectionSeatGroupId=0),
        "2": presglobal_seat("2", VenueSectionSeatGroupId=5),
        "3": presglobal_seat("3", VenueSectionSeatGroupId=5),
    }

    assert told(read(one_row(seats)).plan) == ["1: 1-1 1-2s 1-3s"]


def test_a_large_group_is_only_a_part_of_the_hall() -> None:
    seats = {str(n): presglobal_seat(str(n), VenueSectionSeatGroupId=5) for n in range(1, 7)}

    assert {seat.kind for seat in read(one_row(seats)).plan.seats()} == {"STANDARD"}


def test_ticket_groups_are_price_areas() -> None:
    seats = {
        "1": presglobal_seat("1", TicketGroupId=1),
        "2": presglobal_seat("2", TicketGroupId=2),
        "3": presglobal_seat("3", TicketGroupId=3),
    }
    section = presglobal_section({"1": presglobal_row("1", seats)}, DefaultTicketGroupId=1)

    found = read(presglobal(section), price_areas={"3": "VIP"})

    assert [seat.area for seat in found.plan.seats()] == ["STANDARD", "GROUP_2", "VIP"]


def test_sections_share_a_grid_unless_they_would_stand_on_each_other() -> None:
    stalls = presglobal_section(
        {"1": presglobal_row("1", {"1": presglobal_seat("1"), "2": presglobal_seat("2")})},
        SectionName="Parter",
    )
    beside = presglobal_section(
        {"1": presglobal_row("1", {"4": presglobal_seat("4")})}, SectionName="Loja"
    )
    behind = presglobal_section(
        {"1": presglobal_row("2", {"1": presglobal_seat("1")})},
        SectionName="Balcon", XCoordinate=1, YCoordinate=6,
    )  # fmt: skip

    shared = read(presglobal(stalls, beside)).plan
    shifted = read(presglobal(stalls, behind)).plan

    assert told(shared) == ["1: 1-1 1-2 | 1-4"]
    assert [zone.name for zone in shared.zones] == ["Parter", "Loja"]
    assert told(shifted) == ["1: 1-1 1-2", "2: 2-1"]
    assert [next(row.seats()).y for row in shifted.rows] == [300, 1_050]


SEATS = "sections.1.groups.0.rows.1.seats"


@pytest.mark.parametrize(
    ("document", "field", "why"),
    [
        (one_row({"1": presglobal_seat("1"), "2": presglobal_seat("1")}), f"{SEATS}.2", "twice"),
        (
            one_row({"1": presglobal_seat("1"), "2": presglobal_seat("2", XCoordinate=1)}),
            f"{SEATS}.2",
            "stands where",
        ),
        (
            one_row({"1": presglobal_seat("1", VenueSectionSeatGroupId=3)}),
            f"{SEATS}.1",
            "half a sofa",
        ),
        (one_row({"1": presglobal_seat("")}), f"{SEATS}.1.SeatName", "no name"),
        (one_row({"x": presglobal_seat("1")}), f"{SEATS}.x.XCoordinate", "no number"),
        (one_row({"1": 5}), f"{SEATS}.1", "no object"),
        (one_row(5), SEATS, "neither"),
        (presglobal(), "sections", "no seat"),
        ({"sections": 5}, "sections", "neither"),
        (
            presglobal(presglobal_section({str(n): {} for n in range(101)})),
            "sections.1.groups.0.rows",
            "more than 100",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_place(document: Any, field: str, why: str) -> None:
    found = refused(document)

    assert found[0][0] == field
    assert why in found[0][1]
