"""PresGlobal's `sections`, `groups` and `rows` as a seat plan.

Objects are keyed by what they stand at, and may be lists as well. A place without a key is an
aisle; marks such as V1 are wheelchair places. What is sold is an ordinary seat of the plan.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.catalog.domain.seat_plan import BlockReason, SeatKind, Zone
from services.catalog.domain.seat_plan_grid import PlacedSeat, plan_of_grid
from services.catalog.domain.seat_plan_rules import MAX_ROWS_PER_PLAN, MAX_SEATS_PER_PLAN
from services.catalog.domain.seat_plan_source import (
    Findings,
    NoteReason,
    PlanFormat,
    ReadOptions,
    ReadPlan,
    code_of,
    label_at,
    mapping_at,
    position_at,
    wrong,
    zone_of,
)

MAX_SECTIONS = 20
MAX_GROUPS = 1_000
MAX_SEATS_PER_SOFA = 4
STANDARD_AREA = "STANDARD"

_WHEELCHAIR_MARK = re.compile(r"(V|W|WC|WH|ZTP)[ -]?\d*", re.IGNORECASE)
_YES = frozenset({"1", "true", "yes"})
_NO = frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class _Section:
    field: str
    groups: object
    zone: Zone
    x: float
    y: float
    default_ticket_group: str


def read_presglobal(document: object, options: ReadOptions) -> ReadPlan:
    """Read a plan; INVALID_SEAT_PLAN names what is wrong."""
    root = mapping_at(document, "file")
    findings = Findings()
    sections = [
        _section(key, value, f"sections.{key}")
        for key, value in _items(root.get("sections"), "sections", MAX_SECTIONS)
    ]
    price_areas = dict(options.price_areas)
    for section in sections[:1]:
        price_areas.setdefault(section.default_ticket_group, STANDARD_AREA)
    by_section = [list(_seats(section, price_areas, findings)) for section in sections]
    if not any(by_section):
        raise wrong("sections", "has no seat")
    if _collide(by_section):
        by_section = [
            [replace(seat, x=seat.x + section.x, y=seat.y + section.y) for seat in seats]
            for section, seats in zip(sections, by_section, strict=True)
        ]
    seats = _with_sofas([seat for each in by_section for seat in each])
    plan = plan_of_grid(seats, options.row_order, findings)
    return ReadPlan(plan, PlanFormat.PRESGLOBAL, tuple(findings.notes))


def _section(key: str, value: object, where: str) -> _Section:
    section = mapping_at(value, where)
    name = str(section.get("SectionName") or "").strip() or f"Section {key}"
    return _Section(
        field=where,
        groups=section.get("groups"),
        zone=zone_of(name, f"SECTION_{key}"),
        x=position_at(section.get("XCoordinate", 1), f"{where}.XCoordinate"),
        y=position_at(section.get("YCoordinate", 1), f"{where}.YCoordinate"),
        default_ticket_group=str(section.get("DefaultTicketGroupId", "")),
    )


def _seats(
    section: _Section, price_areas: Mapping[str, str], findings: Findings
) -> Iterator[PlacedSeat]:
    for group_key, value in _items(section.groups, f"{section.field}.groups", MAX_GROUPS):
        where = f"{section.field}.groups.{group_key}"
        rows = mapping_at(value, where).get("rows")
        for row_key, row in _items(rows, f"{where}.rows", MAX_ROWS_PER_PLAN):
            at = f"{where}.rows.{row_key}"
            found = mapping_at(row, at)
            seats = found.get("seats")
            for seat_key, seat in _items(seats, f"{at}.seats", MAX_SEATS_PER_PLAN):
                place = f"{at}.seats.{seat_key}"
                keys = {"RowName": row_key, "YCoordinate": row_key, "XCoordinate": seat_key}
                merged = keys | _given(found) | _given(mapping_at(seat, place))
                yield _seat(section, merged, place, price_areas, findings)


def _given(found: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if value is not None}


def _seat(
    section: _Section,
    seat: Mapping[str, Any],
    where: str,
    price_areas: Mapping[str, str],
    findings: Findings,
) -> PlacedSeat:
    row_name = label_at(seat["RowName"], f"{where}.RowName")
    number = label_at(seat.get("SeatName"), f"{where}.SeatName")
    ticket_group = str(seat.get("TicketGroupId", section.default_ticket_group))
    area = STANDARD_AREA if not ticket_group else f"GROUP_{code_of(ticket_group)}"
    return PlacedSeat(
        field=where,
        row_name=row_name,
        number=number,
        x=position_at(seat["XCoordinate"], f"{where}.XCoordinate"),
        y=position_at(seat["YCoordinate"], f"{where}.YCoordinate"),
        area=price_areas.get(ticket_group, area),
        zone=section.zone,
        kind=_kind(row_name, number),
        block_reason=_block_reason(seat, where, findings),
        sofa=_seat_group(section, seat),
    )


def _kind(row_name: str, number: str) -> SeatKind:
    """Tell a wheelchair mark from a seat that is named after its row."""
    mark = _WHEELCHAIR_MARK.fullmatch(number)
    if mark is None or mark.group(1).casefold() == row_name.casefold():
        return SeatKind.STANDARD
    return SeatKind.WHEELCHAIR


def _block_reason(seat: Mapping[str, Any], where: str, findings: Findings) -> BlockReason:
    for key, default in (("isBlocked", 0), ("isAvailable", 1)):
        word = str(seat.get(key, default)).casefold()
        if word not in _YES | _NO:
            findings.note(NoteReason.UNKNOWN_STATUS, f"{where}.{key}", seat[key])
            return BlockReason.UNKNOWN
    blocked = str(seat.get("isBlocked", 0)).casefold() in _YES
    return BlockReason.HOUSE if blocked else BlockReason.NONE


def _seat_group(section: _Section, seat: Mapping[str, Any]) -> str:
    group = str(seat.get("VenueSectionSeatGroupId") or "0")
    return "" if group == "0" else f"{section.field}/{group}"


def _with_sofas(seats: list[PlacedSeat]) -> list[PlacedSeat]:
    """Keep those seat groups that are sofas: a few seats of one row; others are only parts."""
    sizes = Counter(seat.sofa for seat in seats)
    rows: defaultdict[str, set[float]] = defaultdict(set)
    for seat in seats:
        rows[seat.sofa].add(seat.y)
    return [
        seat
        if sizes[seat.sofa] <= MAX_SEATS_PER_SOFA and len(rows[seat.sofa]) == 1
        else replace(seat, sofa="")
        for seat in seats
    ]


def _collide(by_section: list[list[PlacedSeat]]) -> bool:
    """Tell whether sections stand on each other when their own places are not looked at."""
    places = [{(seat.x, seat.y) for seat in seats} for seats in by_section]
    return sum(map(len, places)) != len(set().union(*places))


def _items(value: object, where: str, max_items: int) -> list[tuple[str, Any]]:
    """List the members of an object, or of a list by their place; what is null is left out."""
    if value is None:
        return []
    if not isinstance(value, dict | list):
        raise wrong(where, "is neither an object nor a list")
    if len(value) > max_items:
        raise wrong(where, f"has more than {max_items} items")
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return [(str(key), item) for key, item in pairs if item is not None]
