"""Small seat plans as foreign files have them, made by hand, and how a read plan is told."""

import json
from typing import Any

from services.catalog.adapters.seat_plan_file import read_seat_plan
from services.catalog.domain.errors import InvalidSeatPlanError
from services.catalog.domain.seat_plan import SeatKind, SeatPlan
from services.catalog.domain.seat_plan_source import ReadOptions, ReadPlan

_MARKS = {SeatKind.WHEELCHAIR: "w", SeatKind.COMPANION: "c", SeatKind.SOFA: "s"}


def read(document: Any, **options: Any) -> ReadPlan:
    return read_seat_plan(json.dumps(document).encode(), ReadOptions(**options))


def refused(document: Any, **options: Any) -> list[tuple[str, str]]:
    """The places that are named, each with what is wrong there."""
    try:
        read(document, **options)
    except InvalidSeatPlanError as error:
        return [(each.field, each.description) for each in error.violations]
    return []


def told(plan: SeatPlan) -> list[str]:
    """Each row as `A: A1 A2w | A3x`: seats with their kinds, x for blocked, | for an aisle."""
    return [
        f"{row.name}: "
        + " | ".join(
            " ".join(
                seat.id + _MARKS.get(seat.kind, "") + ("x" if seat.block_reason else "")
                for seat in segment
            )
            for segment in row.segments
        )
        for row in plan.rows
    ]


def vista_seat(
    number: str, column: int, row: int, status: Any = 0, area: int = 1, **more: Any
) -> dict[str, Any]:
    position = {"AreaNumber": area, "ColumnIndex": column, "RowIndex": row}
    return {"Id": number, "Position": position, "Status": status} | more


def vista_row(name: str | None, *seats: dict[str, Any]) -> dict[str, Any]:
    return {"PhysicalName": name, "Seats": list(seats)}


def vista_area(*rows: dict[str, Any], number: int = 1, **changes: Any) -> dict[str, Any]:
    area: dict[str, Any] = {
        "Number": number, "Description": "Standard", "AreaCategoryCode": "01",
        "Left": 0, "Top": 0, "Width": 100, "Height": 100, "ColumnCount": 10, "RowCount": 10,
        "Rows": list(rows),
    }  # fmt: skip
    return area | changes


def vista(*areas: dict[str, Any], **layout: Any) -> dict[str, Any]:
    return {"ResponseCode": 0, "SeatLayoutData": {"Areas": list(areas)} | layout}


def group(*places: tuple[int, int], area: int = 1) -> list[dict[str, int]]:
    return [{"AreaNumber": area, "ColumnIndex": column, "RowIndex": row} for column, row in places]


def presglobal_seat(name: str, **changes: Any) -> dict[str, Any]:
    return {"SeatName": name, "isAvailable": 1, "isBlocked": 0} | changes


def presglobal_row(name: str, seats: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"RowName": name, "seats": seats} | changes


def presglobal_section(rows: Any, **changes: Any) -> dict[str, Any]:
    return {"SectionName": "1", "groups": {"0": {"rows": rows}}} | changes


def presglobal(*sections: dict[str, Any]) -> dict[str, Any]:
    return {"sections": {str(index): each for index, each in enumerate(sections, 1)}}
