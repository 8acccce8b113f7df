from typing import Any

import pytest

from services.catalog.domain.seat_plan import BlockReason, Screen, SeatKind
from services.catalog.domain.seat_plan_source import NoteReason, PlanFormat, RowOrder
from tests.unit.catalog.seat_plan_files import (
    group,
    read,
    refused,
    told,
    vista,
    vista_area,
    vista_row,
    vista_seat,
)

SEATS = "SeatLayoutData.Areas[0].Rows[0].Seats"


def one_row(*seats: dict[str, Any]) -> dict[str, Any]:
    return vista(vista_area(vista_row("A", *seats)))


def one_seat(**changes: Any) -> dict[str, Any]:
    return one_row(vista_seat("1", 0, 0) | changes)


def test_a_missing_column_is_an_aisle_and_a_row_without_a_name_is_padding() -> None:
    layout = vista(
        vista_area(
            vista_row("B", vista_seat("1", 0, 0), vista_seat("2", 1, 0)),
            vista_row(None),
            vista_row("A", vista_seat("1", 0, 2), vista_seat("2", 2, 2), vista_seat("3", 3, 2)),
        )
    )

    found = read(layout)

    assert found.format is PlanFormat.VISTA
    assert told(found.plan) == ["A: A1 | A2 A3", "B: B1 B2"]
    assert [seat.x for seat in found.plan.rows[0].seats()] == [150, 350, 450]
    # The row without a name keeps its depth.
    assert [next(row.seats()).y for row in found.plan.rows] == [300, 600]
    assert found.notes == ()


def test_the_layout_may_stand_without_its_envelope() -> None:
    assert told(read(one_seat()["SeatLayoutData"]).plan) == ["A: A1"]


@pytest.mark.parametrize(
    ("names", "order", "front_first"),
    [
        (("M", "L", "A"), RowOrder.BY_NAME, ["A", "L", "M"]),
        (("A", "L", "M"), RowOrder.BY_NAME, ["A", "L", "M"]),
        (("10", "9", "1"), RowOrder.BY_NAME, ["1", "9", "10"]),
        (("AA", "Z", "A"), RowOrder.BY_NAME, ["A", "Z", "AA"]),
        (("A", "L", "M"), RowOrder.BACK_FIRST, ["M", "L", "A"]),
        (("M", "L", "A"), RowOrder.FRONT_FIRST, ["M", "L", "A"]),
    ],
)
def test_the_first_letter_is_at_the_screen_unless_staff_say_otherwise(
    names: tuple[str, ...], order: RowOrder, front_first: list[str]
) -> None:
    rows = [vista_row(name, vista_seat("1", 0, index)) for index, name in enumerate(names)]

    found = read(vista(vista_area(*rows)), row_order=order)

    assert [row.name for row in found.plan.rows] == front_first
    assert [next(row.seats()).y for row in found.plan.rows] == [300, 450, 600]


@pytest.mark.parametrize(
    ("status", "kind", "block_reason"),
    [
        (0, SeatKind.STANDARD, BlockReason.NONE),
        (1, SeatKind.STANDARD, BlockReason.NONE),
        (4, SeatKind.STANDARD, BlockReason.NONE),
        (2, SeatKind.STANDARD, BlockReason.HOUSE),
        (5, SeatKind.STANDARD, BlockReason.OUT_OF_ORDER),
        (3, SeatKind.WHEELCHAIR, BlockReason.NONE),
        ("0", SeatKind.STANDARD, BlockReason.NONE),
        ("3", SeatKind.WHEELCHAIR, BlockReason.NONE),
        ("Empty", SeatKind.STANDARD, BlockReason.NONE),
        ("SOLD", SeatKind.STANDARD, BlockReason.NONE),
        ("Held by this order", SeatKind.STANDARD, BlockReason.NONE),
        ("House", SeatKind.STANDARD, BlockReason.HOUSE),
        ("blocked", SeatKind.STANDARD, BlockReason.HOUSE),
        ("Broken", SeatKind.STANDARD, BlockReason.OUT_OF_ORDER),
        ("out-of-order", SeatKind.STANDARD, BlockReason.OUT_OF_ORDER),
        ("Special", SeatKind.WHEELCHAIR, BlockReason.NONE),
        ("Wheelchair", SeatKind.WHEELCHAIR, BlockReason.NONE),
    ],
)
def test_a_status_is_a_number_or_a_word(
    status: Any, kind: SeatKind, block_reason: BlockReason
) -> None:
    found = read(one_row(vista_seat("1", 0, 0, status)))

    (seat,) = found.plan.seats()
    assert (seat.kind, seat.block_reason) == (kind, block_reason)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("status", "before", "seen"),
    [
        (1, 3, "A1w"),
        (4, 3, "A1w"),
        ("Sold", "Special", "A1w"),
        (1, 5, "A1x"),
        (5, 3, "A1wx"),
        (1, 1, "A1"),
        (0, None, "A1"),
    ],
)
def test_what_a_sold_place_is_tells_what_it_was_before(status: Any, before: Any, seen: str) -> None:
    found = read(one_row(vista_seat("1", 0, 0, status, OriginalStatus=before)))

    assert told(found.plan) == [f"A: {seen}"]


@pytest.mark.parametrize("status", [6, 99, -1, "Quarantined", None, True, [], 2.5])
def test_a_seat_of_an_unknown_status_is_not_sold_and_told(status: Any) -> None:
    found = read(one_row(vista_seat("1", 0, 0, status)))

    (seat,) = found.plan.seats()
    (note,) = found.notes
    assert seat.block_reason is BlockReason.UNKNOWN
    assert (note.reason, note.field) == (NoteReason.UNKNOWN_STATUS, f"{SEATS}[0].Status")
    assert str(status) in note.value


def test_a_layout_without_statuses_is_all_for_sale() -> None:
    seat = vista_seat("1", 0, 0)
    del seat["Status"]

    assert told(read(one_row(seat)).plan) == ["A: A1"]


def test_areas_lie_on_one_grid_in_whatever_order_they_come() -> None:
    couple = vista_area(
        vista_row(None),
        vista_row(
            "B",
            vista_seat("1", 0, 1, area=4, SeatsInGroup=group((0, 1), (1, 1), area=4)),
            vista_seat("2", 1, 1, area=4, SeatsInGroup=group((0, 1), (1, 1), area=4)),
        ),
        number=4, Description="Couple", AreaCategoryCode="02",
    )  # fmt: skip
    right = vista_area(
        vista_row("C", vista_seat("2", 1, 0, area=2)),
        number=2, Description="VIP", AreaCategoryCode="03",
    )  # fmt: skip
    left = vista_area(vista_row("C", vista_seat("1", 0, 0)), Description="Standard")

    plans = [read(vista(*areas)).plan for areas in ((couple, right, left), (left, couple, right))]

    for plan in plans:
        assert told(plan) == ["B: B1s B2s", "C: C1 C2"]
        seats = {seat.id: seat for seat in plan.seats()}
        assert [seats[name].area for name in ("B1", "C1", "C2")] == ["COUPLE", "STANDARD", "VIP"]
        assert seats["B1"].sofa_id == seats["B2"].sofa_id != ""
        assert {zone.id: zone.name for zone in plan.zones}[seats["C2"].zone_id] == "VIP"


def test_areas_with_rectangles_of_their_own_stand_side_by_side() -> None:
    row_a = vista_row("A", vista_seat("1", 0, 0), vista_seat("2", 1, 0))
    left = vista_area(row_a, Left=0, Width=20, ColumnCount=2, RowCount=1, Height=10)
    right = vista_area(
        vista_row("A", vista_seat("3", 0, 0, area=2), vista_seat("4", 1, 0, area=2)),
        number=2, Left=30, Width=20, ColumnCount=2, RowCount=1, Height=10,
    )  # fmt: skip
    near = vista_area(
        vista_row("B", vista_seat("1", 0, 0, area=3)),
        number=3, Left=0, Top=20, Width=10, ColumnCount=1, RowCount=1, Height=10,
    )  # fmt: skip

    plan = read(vista(right, left, near)).plan

    assert told(plan) == ["A: A1 A2 | A3 A4", "B: B1"]
    assert [seat.x for seat in plan.rows[0].seats()] == [150, 250, 450, 550]
    assert [next(row.seats()).y for row in plan.rows] == [300, 600]


def test_wide_seats_of_an_area_of_its_own_are_still_side_by_side() -> None:
    narrow = vista_area(
        vista_row("A", *(vista_seat(str(n), n, 0) for n in range(1, 5))),
        Width=50, ColumnCount=10, RowCount=1, Height=10,
    )  # fmt: skip
    wide = vista_area(
        vista_row("B", vista_seat("1", 0, 0, area=2), vista_seat("2", 1, 0, area=2)),
        number=2, Top=10, Width=20, ColumnCount=2, RowCount=1, Height=10,
    )  # fmt: skip

    assert told(read(vista(narrow, wide)).plan) == ["A: A1 A2 A3 A4", "B: B1 B2"]


def test_a_row_name_of_another_part_gets_an_ending_and_a_note() -> None:
    stalls = vista_area(vista_row("A", vista_seat("1", 0, 0)), Description="Stalls")
    balcony = vista_area(
        vista_row("A", vista_seat("1", 0, 5, area=2)), number=2, Description="Balcony"
    )

    found = read(vista(stalls, balcony))

    assert told(found.plan) == ["A: A1", "A-2: A-2-1"]
    assert [(note.reason, note.value) for note in found.notes] == [
        (NoteReason.ROW_RENAMED, "A is A-2")
    ]


def test_a_companions_seat_belongs_to_the_nearest_wheelchair_place_of_its_row() -> None:
    found = read(
        one_row(
            vista_seat("1", 0, 0, 3),
            vista_seat("2", 1, 0, 7),
            vista_seat("3", 5, 0, 7),
            vista_seat("4", 7, 0, "Wheelchair"),
        )
    )

    assert told(found.plan) == ["A: A1w A2c | A3c | A4w"]
    assert [seat.companion_of for seat in found.plan.seats()] == ["", "A1", "A4", ""]


def test_a_wheelchair_place_with_its_companions_seat_is_no_sofa() -> None:
    pair = group((0, 0), (1, 0))

    found = read(
        one_row(
            vista_seat("1", 0, 0, 1, OriginalStatus=3, SeatsInGroup=pair),
            vista_seat("2", 1, 0, 7, SeatsInGroup=pair),
        )
    )

    assert told(found.plan) == ["A: A1w A2c"]


def test_the_screen_is_as_wide_as_the_layout_says() -> None:
    layout = vista(
        vista_area(vista_row("A", vista_seat("1", 2, 0))), ScreenStart=10, ScreenWidth=50
    )

    plan = read(layout).plan

    assert plan.screen == Screen(100, 0, 500)
    assert next(plan.seats()).x == 250


def test_a_price_area_is_named_after_the_lowest_area_of_its_category_in_any_order() -> None:
    areas = [
        vista_area(
            vista_row("A", vista_seat("1", column, 0, area=number) | {"Id": str(column)}),
            number=number, Description=name, AreaCategoryCode=category,
        )
        for column, (number, name, category) in enumerate(
            ((1, "VIP left", "01"), (2, "VIP right", "01"), (3, "Zone rouge, très loin", None)), 1
        )
    ]  # fmt: skip

    plans = [read(vista(*ordered)).plan for ordered in (areas, areas[::-1])]

    for plan in plans:
        assert [seat.area for seat in plan.seats()] == [
            "VIP_LEFT", "VIP_LEFT", "ZONE_ROUGE_TRES_LOIN",
        ]  # fmt: skip
        assert [seat.zone_id for seat in plan.seats()][:2] == ["VIP_LEFT", "VIP_RIGHT"]


def test_a_name_that_no_code_can_be_made_of_is_still_shown() -> None:
    hall = vista_area(vista_row("A", vista_seat("1", 0, 0)))
    sofas = vista_area(
        vista_row("B", vista_seat("1", 0, 1, area=2)),
        number=2, Description="Диваны " * 9, AreaCategoryCode="02",
    )  # fmt: skip

    plan = read(vista(hall, sofas)).plan

    assert plan.areas == ("AREA_2", "STANDARD")
    assert plan.zones[1].name.startswith("Диваны")


def test_staff_say_which_price_area_a_category_is() -> None:
    found = read(one_seat(), price_areas={"01": "RECLINER"})

    assert found.plan.areas == ("RECLINER",)


SOFA = group((0, 0), (1, 0))


@pytest.mark.parametrize(
    ("document", "field", "why"),
    [
        (one_row(vista_seat("1", 0, 0), vista_seat("1", 1, 0)), f"{SEATS}[1]", "A1 is there twice"),
        (one_row(vista_seat("1", 0, 0), vista_seat("2", 0, 0)), f"{SEATS}[1]", "stands where"),
        (one_row(vista_seat("1", 0, 0, 7)), f"{SEATS}[0]", "no wheelchair place"),
        (
            one_row(vista_seat("1", 0, 0, SeatsInGroup=SOFA)),
            f"{SEATS}[0].SeatsInGroup[1]",
            "half a sofa",
        ),
        (
            one_row(vista_seat("1", 0, 0, SeatsInGroup=SOFA), vista_seat("2", 1, 0)),
            f"{SEATS}[0]",
            "half a sofa",
        ),
        (
            one_row(vista_seat("1", 0, 0, SeatsInGroup=group((0, 0)))),
            f"{SEATS}[0]",
            "half a sofa",
        ),
        (
            one_row(
                vista_seat("1", 0, 0, SeatsInGroup=group((0, 0), (2, 0))),
                vista_seat("2", 2, 0, SeatsInGroup=group((0, 0), (2, 0))),
            ),
            f"{SEATS}[1]",
            "side by side",
        ),
        (one_seat(Position=None), f"{SEATS}[0].Position", "no object"),
        (one_seat(Position={"RowIndex": 0}), f"{SEATS}[0].Position.ColumnIndex", "no number"),
        (
            one_seat(Position={"ColumnIndex": 10**6, "RowIndex": 0}),
            f"{SEATS}[0].Position.ColumnIndex",
            "no number within",
        ),
        (
            one_seat(Position={"AreaNumber": 9, "ColumnIndex": 0, "RowIndex": 0}),
            f"{SEATS}[0].Position.AreaNumber",
            "not its area's",
        ),
        (one_seat(Id=None), f"{SEATS}[0].Id", "no name"),
        (one_seat(Id="much too long"), "rows[0].segments[0].seats[0].number", "1 to 8"),
        (
            vista(vista_area(vista_row(None, vista_seat("1", 0, 0)))),
            "SeatLayoutData.Areas[0].Rows[0].PhysicalName",
            "no name",
        ),
        (vista(vista_area(Rows=7)), "SeatLayoutData.Areas[0].Rows", "no list"),
        (vista(vista_area(vista_row(None))), "file", "no seats"),
        (vista(), "SeatLayoutData.Areas", "no area"),
        ({"SeatLayoutData": None}, "SeatLayoutData", "no object"),
        (
            vista(vista_area(*(vista_row(str(n), vista_seat("1", 0, n)) for n in range(101)))),
            "rows",
            "100 rows",
        ),
        (
            vista(vista_area(*(vista_row(None) for _ in range(1_001)))),
            "SeatLayoutData.Areas[0].Rows",
            "1000",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(document: Any, field: str, why: str) -> None:
    found = refused(document)

    assert found[0][0] == field
    assert why in found[0][1]


def test_all_that_is_wrong_with_the_seats_is_named_at_once() -> None:
    seats = [vista_seat(str(n), n, 0, 7) for n in range(3)]

    assert [field for field, _ in refused(one_row(*seats))] == [f"{SEATS}[{n}]" for n in range(3)]
