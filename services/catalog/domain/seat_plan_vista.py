"""Vista's `SeatLayoutData` as a seat plan.

A row without a name is padding, a column without a seat is an aisle. What is sold in the showing
that the layout was taken from is an ordinary seat of the plan.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.domain.seat_plan import BlockReason, SeatKind, Zone
from services.catalog.domain.seat_plan_grid import GridScreen, PlacedSeat, plan_of_grid
from services.catalog.domain.seat_plan_rules import MAX_SEATS_PER_PLAN
from services.catalog.domain.seat_plan_source import (
    MAX_POSITION,
    Findings,
    NoteReason,
    PlanFormat,
    ReadOptions,
    ReadPlan,
    label_at,
    list_at,
    mapping_at,
    number_of,
    position_at,
    wrong,
    zone_of,
)
from services.catalog.domain.seat_plan_vista_areas import AreaFrame, area_frames

ROOT = "SeatLayoutData"
MAX_AREAS = 50
MAX_SEATS_PER_GROUP = 20

_FREE, _SOLD, _HOUSE, _WHEELCHAIR, _OWN_HOLD, _BROKEN, _COMPANION = 0, 1, 2, 3, 4, 5, 7
_TEXT_STATUSES = {
    "free": _FREE, "empty": _FREE, "available": _FREE, "open": _FREE, "vacant": _FREE,
    "normal": _FREE, "standard": _FREE,
    "sold": _SOLD, "taken": _SOLD, "occupied": _SOLD, "booked": _SOLD, "reserved": _SOLD,
    "house": _HOUSE, "blocked": _HOUSE,
    "special": _WHEELCHAIR, "wheelchair": _WHEELCHAIR, "disabled": _WHEELCHAIR,
    "handicap": _WHEELCHAIR, "handicapped": _WHEELCHAIR, "accessible": _WHEELCHAIR,
    "held": _OWN_HOLD, "ownhold": _OWN_HOLD, "selected": _OWN_HOLD, "heldbythisorder": _OWN_HOLD,
    "broken": _BROKEN, "outoforder": _BROKEN, "damaged": _BROKEN, "unusable": _BROKEN,
    "companion": _COMPANION, "carer": _COMPANION,
}  # fmt: skip
_KNOWN = frozenset(_TEXT_STATUSES.values())
_KINDS = {_WHEELCHAIR: SeatKind.WHEELCHAIR, _COMPANION: SeatKind.COMPANION}
_BLOCKS = {_HOUSE: BlockReason.HOUSE, _BROKEN: BlockReason.OUT_OF_ORDER}
# Of one showing, not of the hall: what the seat was before tells what it is.
_PASSING = (_SOLD, _OWN_HOLD)

_Position = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class _Area:
    field: str
    number: str
    rows: Sequence[Any]
    area: str
    zone: Zone
    frame: AreaFrame


def read_vista(document: object, options: ReadOptions) -> ReadPlan:
    """Read a whole answer or its `SeatLayoutData`; INVALID_SEAT_PLAN names what is wrong."""
    answer = mapping_at(document, "file")
    where = ROOT if ROOT in answer else ""
    layout = mapping_at(answer.get(ROOT, answer), where or "file")
    field = f"{where}.Areas" if where else "Areas"
    found = list_at(layout.get("Areas"), field, MAX_AREAS)
    if not found:
        raise wrong(field, "has no area")
    areas = [mapping_at(area, f"{field}[{index}]") for index, area in enumerate(found)]
    frames, unit = area_frames(areas, field)
    findings = Findings()
    seats = [
        seat for area in _areas(areas, frames, field, options) for seat in _seats(area, findings)
    ]
    plan = plan_of_grid(seats, options.row_order, findings, _screen(layout, unit))
    return ReadPlan(plan, PlanFormat.VISTA, tuple(findings.notes))


def _areas(
    areas: Sequence[Mapping[str, Any]],
    frames: Sequence[AreaFrame],
    field: str,
    options: ReadOptions,
) -> Iterator[_Area]:
    # A category is named after its area of the lowest number, in whatever order they come.
    price_areas = {_category(area): _zone(area).id for area in sorted(areas, key=_number)[::-1]}
    price_areas |= options.price_areas
    for index, (area, frame) in enumerate(zip(areas, frames, strict=True)):
        where = f"{field}[{index}]"
        yield _Area(
            field=where,
            number=_number(area),
            rows=list_at(area.get("Rows"), f"{where}.Rows", MAX_POSITION),
            area=price_areas[_category(area)],
            zone=_zone(area),
            frame=frame,
        )


def _number(area: Mapping[str, Any]) -> str:
    return str(area.get("Number", ""))


def _category(area: Mapping[str, Any]) -> str:
    return str(area.get("AreaCategoryCode") or _zone(area).name)


def _zone(area: Mapping[str, Any]) -> Zone:
    name = str(area.get("Description") or "").strip() or f"Area {_number(area)}".strip()
    return zone_of(name, f"AREA_{_number(area)}")


def _screen(layout: Mapping[str, Any], unit: float) -> GridScreen | None:
    start, width = number_of(layout.get("ScreenStart")), number_of(layout.get("ScreenWidth"))
    if start is None or width is None or not 0 < width / unit <= MAX_POSITION:
        return None
    return GridScreen(start / unit, width / unit) if abs(start / unit) <= MAX_POSITION else None


def _seats(area: _Area, findings: Findings) -> Iterator[PlacedSeat]:
    for row_index, row in enumerate(area.rows):
        where = f"{area.field}.Rows[{row_index}]"
        row = mapping_at(row, where)  # noqa: PLW2901 - the same, of a known type
        seats = list_at(row.get("Seats"), f"{where}.Seats", MAX_SEATS_PER_PLAN)
        if not seats:
            continue
        name = label_at(row.get("PhysicalName"), f"{where}.PhysicalName")
        by_place = {
            _position(area, seat, row_index, f"{where}.Seats[{index}]"): seat
            for index, seat in enumerate(seats)
        }
        for index, seat in enumerate(seats):
            yield _seat(
                area, (row_index, name), seat, f"{where}.Seats[{index}]", (by_place, findings)
            )


def _seat(
    area: _Area,
    row: tuple[int, str],
    seat: Mapping[str, Any],
    where: str,
    known: tuple[Mapping[_Position, Mapping[str, Any]], Findings],
) -> PlacedSeat:
    by_place, findings = known
    _, column, row_index = _position(area, seat, row[0], where)
    kind, block = _status(seat, where, findings)
    frame = area.frame
    return PlacedSeat(
        field=where,
        row_name=row[1],
        number=label_at(seat.get("Id"), f"{where}.Id"),
        x=frame.left + (column + 0.5) * frame.column,
        y=frame.top + (row_index + 0.5) * frame.row,
        area=area.area,
        zone=area.zone,
        kind=kind,
        block_reason=block,
        sofa=_sofa(area, seat, where, by_place),
        width=frame.column,
    )


def _position(area: _Area, seat: object, row_index: int, where: str) -> _Position:
    position = mapping_at(mapping_at(seat, where).get("Position"), f"{where}.Position")
    number = str(position.get("AreaNumber", area.number))
    if number != area.number:
        raise wrong(f"{where}.Position.AreaNumber", f"is not its area's, {area.number}")
    return _place(position, number, row_index, f"{where}.Position")


def _place(position: Mapping[str, Any], number: str, row_index: int, where: str) -> _Position:
    column = position_at(position.get("ColumnIndex"), f"{where}.ColumnIndex")
    row = position_at(position.get("RowIndex", row_index), f"{where}.RowIndex")
    return number, int(column), int(row)


def _sofa(
    area: _Area,
    seat: Mapping[str, Any],
    where: str,
    by_place: Mapping[_Position, Mapping[str, Any]],
) -> str:
    """Give the key of the seat's sofa, "" for a single seat.

    A group with a wheelchair place is a place with its companion's seat and no sofa.
    """
    field = f"{where}.SeatsInGroup"
    group = list_at(seat.get("SeatsInGroup"), field, MAX_SEATS_PER_GROUP)
    if not group:
        return ""
    places = set()
    for index, each in enumerate(group):
        at = f"{field}[{index}]"
        position = mapping_at(each, at)
        place = _place(position, str(position.get("AreaNumber", area.number)), -1, at)
        if place not in by_place:
            raise wrong(at, "is no seat of the row: half a sofa")
        places.add(place)
    if any(_is_accessible(by_place[place]) for place in places):
        return ""
    return repr(sorted(places))


def _is_accessible(seat: Mapping[str, Any]) -> bool:
    codes = (_status_code(seat.get("Status", _FREE)), _status_code(seat.get("OriginalStatus")))
    return any(code in _KINDS for code in codes)


def _status(
    seat: Mapping[str, Any], where: str, findings: Findings
) -> tuple[SeatKind, BlockReason]:
    status = seat.get("Status", _FREE)
    code, before = _status_code(status), _status_code(seat.get("OriginalStatus"))
    kind = _KINDS.get(code) or _KINDS.get(before) or SeatKind.STANDARD
    if code not in _KNOWN:
        findings.note(NoteReason.UNKNOWN_STATUS, f"{where}.Status", status)
        return kind, BlockReason.UNKNOWN
    return kind, _BLOCKS.get(before if code in _PASSING else code, BlockReason.NONE)


def _status_code(status: object) -> int:
    """Read a status, a number or a word; -1 when it is none that we know."""
    number = number_of(status)
    if number is not None:
        return int(number) if number in _KNOWN else -1
    if isinstance(status, str):
        word = "".join(each for each in status.casefold() if each.isalnum())
        return _TEXT_STATUSES.get(word, -1)
    return -1
