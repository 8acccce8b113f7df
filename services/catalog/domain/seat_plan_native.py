"""Our own JSON of a seat plan, as `docs/seat-plan.schema.json` has it: read and written."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from services.catalog.domain.seat_plan import (
    BlockReason,
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    Segment,
    SofaSale,
    Zone,
)
from services.catalog.domain.seat_plan_rules import (
    MAX_ROWS_PER_PLAN,
    MAX_SEATS_PER_SEGMENT,
    MAX_SEGMENTS_PER_ROW,
    MAX_ZONES_PER_PLAN,
)
from services.catalog.domain.seat_plan_source import (
    PlanFormat,
    ReadOptions,
    ReadPlan,
    list_at,
    mapping_at,
    wrong,
)

SCHEMA = "parterre.seat-plan.v1"

_PLAN_KEYS = frozenset({"schema", "rows", "sofa_sale", "zones", "screen"})
_ROW_KEYS = frozenset({"name", "segments"})
_SEGMENT_KEYS = frozenset({"seats"})
_ZONE_KEYS = frozenset({"id", "name"})
_SCREEN_KEYS = frozenset({"x", "y", "width"})
_SEAT_KEYS = frozenset(
    {
        "id", "number", "kind", "area", "x", "y",
        "sofa_id", "companion_of", "block_reason", "zone_id",
    }
)  # fmt: skip

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_native(document: object, options: ReadOptions) -> ReadPlan:
    """Read a plan; INVALID_SEAT_PLAN for what the schema does not allow, by its path."""
    del options
    plan = _members(document, "file", _PLAN_KEYS)
    if plan.get("schema") != SCHEMA:
        raise wrong("schema", f"is not {SCHEMA}")
    rows = _list(plan, "rows", "", MAX_ROWS_PER_PLAN)
    zones = list_at(plan.get("zones"), "zones", MAX_ZONES_PER_PLAN)
    read = SeatPlan(
        rows=tuple(_row(row, f"rows[{index}]") for index, row in enumerate(rows)),
        sofa_sale=_choice(SofaSale, plan.get("sofa_sale", SofaSale.WHOLE), "sofa_sale"),
        zones=tuple(_zone(zone, f"zones[{index}]") for index, zone in enumerate(zones)),
        screen=_screen(plan["screen"]) if "screen" in plan else None,
    )
    return ReadPlan(read, PlanFormat.NATIVE)


def native_document(plan: SeatPlan) -> dict[str, Any]:
    """Write a plan; what does not apply is left out."""
    document: dict[str, Any] = {"schema": SCHEMA, "sofa_sale": plan.sofa_sale.value}
    if plan.zones:
        document["zones"] = [{"id": zone.id, "name": zone.name} for zone in plan.zones]
    if plan.screen is not None:
        screen = plan.screen
        document["screen"] = {"x": screen.x, "y": screen.y, "width": screen.width}
    document["rows"] = [
        {
            "name": row.name,
            "segments": [{"seats": [_written(seat) for seat in run]} for run in row.segments],
        }
        for row in plan.rows
    ]
    return document


def _row(value: object, where: str) -> Row:
    row = _members(value, where, _ROW_KEYS)
    segments = _list(row, "segments", f"{where}.", MAX_SEGMENTS_PER_ROW)
    return Row(
        _text(row, "name", where),
        tuple(
            _segment(segment, f"{where}.segments[{index}]")
            for index, segment in enumerate(segments)
        ),
    )


def _segment(value: object, where: str) -> Segment:
    segment = _members(value, where, _SEGMENT_KEYS)
    seats = _list(segment, "seats", f"{where}.", MAX_SEATS_PER_SEGMENT)
    return tuple(_seat(seat, f"{where}.seats[{index}]") for index, seat in enumerate(seats))


def _seat(value: object, where: str) -> Seat:
    seat = _members(value, where, _SEAT_KEYS)
    block_reason = seat.get("block_reason")
    if block_reason == "":
        raise wrong(f"{where}.block_reason", "is empty")
    return Seat(
        id=_text(seat, "id", where),
        number=_text(seat, "number", where),
        kind=_choice(SeatKind, seat.get("kind", SeatKind.STANDARD), f"{where}.kind"),
        area=_text(seat, "area", where),
        sofa_id=_text(seat, "sofa_id", where) if "sofa_id" in seat else "",
        x=_whole_number(seat, "x", where),
        y=_whole_number(seat, "y", where),
        companion_of=_text(seat, "companion_of", where) if "companion_of" in seat else "",
        block_reason=_choice(BlockReason, block_reason or "", f"{where}.block_reason"),
        zone_id=_text(seat, "zone_id", where) if "zone_id" in seat else "",
    )


def _written(seat: Seat) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": seat.id,
        "number": seat.number,
        "kind": seat.kind.value,
        "area": seat.area,
        "x": seat.x,
        "y": seat.y,
    }
    optional = {
        "sofa_id": seat.sofa_id,
        "companion_of": seat.companion_of,
        "block_reason": seat.block_reason.value,
        "zone_id": seat.zone_id,
    }
    return written | {key: value for key, value in optional.items() if value}


def _zone(value: object, where: str) -> Zone:
    zone = _members(value, where, _ZONE_KEYS)
    return Zone(_text(zone, "id", where), _text(zone, "name", where))


def _screen(value: object) -> Screen:
    screen = _members(value, "screen", _SCREEN_KEYS)
    return Screen(*(_whole_number(screen, key, "screen") for key in ("x", "y", "width")))


def _members(value: object, where: str, known: frozenset[str]) -> Mapping[str, Any]:
    members = mapping_at(value, where)
    for key in members:
        if key not in known:
            raise wrong(where, f"has a member that the schema does not: {key[:40]!r}")
    return members


def _list(members: Mapping[str, Any], key: str, prefix: str, max_items: int) -> Sequence[Any]:
    items = list_at(members.get(key), f"{prefix}{key}", max_items)
    if not items:
        raise wrong(f"{prefix}{key}", "is empty or missing")
    return items


def _text(members: Mapping[str, Any], key: str, where: str) -> str:
    value = members.get(key)
    if not isinstance(value, str) or not value:
        raise wrong(f"{where}.{key}", "is no text, or empty")
    return value


def _whole_number(members: Mapping[str, Any], key: str, where: str) -> int:
    value = members.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong(f"{where}.{key}", "is no whole number")
    return value


def _choice(choices: type[_Choice], value: Any, where: str) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        names = ", ".join(each for each in choices if each)
        raise wrong(where, f"is none of {names}") from None
