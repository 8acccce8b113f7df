"""Makes a seat plan of seats that stand on a grid: who is in a row, who sits beside whom."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.catalog.domain.seat_plan import (
    BlockReason,
    Row,
    Screen,
    Seat,
    SeatKind,
    SeatPlan,
    Zone,
)
from services.catalog.domain.seat_plan_rules import (
    MAX_LABEL_CHARACTERS,
    MAX_ROWS_PER_PLAN,
    MIN_SEATS_PER_SOFA,
    SEAT_ID,
)
from services.catalog.domain.seat_plan_source import Findings, NoteReason, RowOrder, wrong

SEAT_WIDTH = 100
ROW_DEPTH = 150
FIRST_ROW_Y = 300
SIDE_MARGIN = 100
# Neighbours stand at most this far apart, in seat widths; more is an aisle, less the same place.
_BESIDE = 1.5
_SAME_PLACE = 0.5


@dataclass(frozen=True, slots=True)
class PlacedSeat:
    """A seat of a file. `x`, `y` and `width` are in seat widths and row depths of the grid.

    `field` is its place in the file; `sofa` is any key that the seats of a sofa share.
    """

    field: str
    row_name: str
    number: str
    x: float
    y: float
    area: str
    zone: Zone
    kind: SeatKind = SeatKind.STANDARD
    block_reason: BlockReason = BlockReason.NONE
    sofa: str = ""
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class GridScreen:
    """A screen on the grid's own scale: its left end and its width."""

    x: float
    width: float


@dataclass(slots=True)
class _GridRow:
    name: str
    y: float
    seats: list[PlacedSeat]


def plan_of_grid(
    seats: Iterable[PlacedSeat],
    order: RowOrder,
    findings: Findings,
    screen: GridScreen | None = None,
) -> SeatPlan:
    """Make the plan; INVALID_SEAT_PLAN names the places in the file that contradict each other."""
    rows = _front_first(_rows(list(seats)), order)
    if not rows:
        raise wrong("file", "has no seats")
    if len(rows) > MAX_ROWS_PER_PLAN:
        raise wrong("rows", f"has more than {MAX_ROWS_PER_PLAN} rows")
    _rename_repeated(rows, findings)
    left = min(seat.x - seat.width / 2 for row in rows for seat in row.seats)
    left = min(left, screen.x) if screen is not None else left
    grid = _Grid(rows, left, findings)
    plan = SeatPlan(
        rows=tuple(grid.row(row) for row in rows),
        zones=_zones(rows),
        screen=None
        if screen is None
        else Screen(grid.x(screen.x), 0, max(1, round(screen.width * SEAT_WIDTH))),
    )
    findings.must_be_none()
    return plan


def _rows(seats: Sequence[PlacedSeat]) -> list[_GridRow]:
    """Put seats into rows: those of one name at one depth."""
    rows: list[_GridRow] = []
    depth, last_y = 0.0, None
    open_rows: dict[str, _GridRow] = {}
    for seat in sorted(seats, key=lambda each: each.y):
        if last_y is None or seat.y - last_y >= _SAME_PLACE:
            depth, open_rows = seat.y, {}
        last_y = seat.y
        row = open_rows.get(seat.row_name)
        if row is None:
            row = open_rows[seat.row_name] = _GridRow(seat.row_name, depth, [])
            rows.append(row)
        row.seats.append(seat)
    for row in rows:
        row.seats.sort(key=lambda each: each.x)
    return rows


def _front_first(rows: list[_GridRow], order: RowOrder) -> list[_GridRow]:
    """Turn the rows round when the file begins at the back; then depth counts from the front."""
    if not rows:
        return rows
    if order is RowOrder.BY_NAME:
        steps = [
            1 if name_order(above.name) < name_order(below.name) else -1
            for above, below in pairwise(rows)
            if above.name != below.name
        ]
        order = RowOrder.BACK_FIRST if sum(steps) < 0 else RowOrder.FRONT_FIRST
    if order is RowOrder.BACK_FIRST:
        back = max(row.y for row in rows)
        rows = [_GridRow(row.name, back - row.y, row.seats) for row in reversed(rows)]
    front = min(row.y for row in rows)
    return [_GridRow(row.name, row.y - front, row.seats) for row in rows]


def name_order(name: str) -> tuple[bool, int, str]:
    """Order row names as people count them: 1, 2, 10; A, B, Z, AA."""
    return (not name.isdecimal(), int(name) if name.isdecimal() else len(name), name)


def _rename_repeated(rows: list[_GridRow], findings: Findings) -> None:
    seen: Counter[str] = Counter()
    names = {row.name for row in rows}
    for row in rows:
        seen[row.name] += 1
        if seen[row.name] == 1:
            continue
        name = f"{row.name}-{seen[row.name]}"
        if len(name) > MAX_LABEL_CHARACTERS or name in names:
            findings.refuse(row.seats[0].field, f"row {row.name} is there twice")
            continue
        findings.note(NoteReason.ROW_RENAMED, row.seats[0].field, f"{row.name} is {name}")
        row.name = name
        names.add(name)


def _zones(rows: Iterable[_GridRow]) -> tuple[Zone, ...]:
    """List the parts of the hall, front first; a hall that is all one part has none."""
    zones = {seat.zone.id: seat.zone for row in rows for seat in row.seats}
    return tuple(zones.values()) if len(zones) > 1 else ()


class _Grid:
    """Makes rows of one plan; IDs are unique in it."""

    def __init__(self, rows: Sequence[_GridRow], left: float, findings: Findings) -> None:
        self._left = left
        self._findings = findings
        self._fields: dict[str, str] = {}
        self._has_zones = bool(_zones(rows))
        members: defaultdict[str, list[PlacedSeat]] = defaultdict(list)
        for row in rows:
            for seat in row.seats:
                if seat.sofa:
                    members[seat.sofa].append(seat)
        self._sofas = {key: f"S{index}" for index, key in enumerate(members, 1)}
        for seats in members.values():
            if len(seats) < MIN_SEATS_PER_SOFA:
                findings.refuse(seats[0].field, "is half a sofa: no other seat is of its group")

    def x(self, x: float) -> int:
        return SIDE_MARGIN + round((x - self._left) * SEAT_WIDTH)

    def row(self, row: _GridRow) -> Row:
        runs: list[list[PlacedSeat]] = []
        for seat in row.seats:
            before = runs[-1][-1] if runs else None
            if before is not None and seat.x - before.x < _SAME_PLACE:
                self._findings.refuse(seat.field, f"stands where {before.field} stands")
            if before is not None and seat.x - before.x < _BESIDE * _pitch(before, seat):
                runs[-1].append(seat)
            else:
                runs.append([seat])
        self._must_have_whole_sofas(runs)
        named = [[self._seat(row, seat) for seat in run] for run in runs]
        return Row(row.name, tuple(tuple(run) for run in self._bound(row, runs, named)))

    def _seat(self, row: _GridRow, seat: PlacedSeat) -> Seat:
        seat_id = _seat_id(row.name, seat)
        if seat_id in self._fields:
            self._findings.refuse(
                seat.field, f"seat {seat_id} is there twice: {self._fields[seat_id]}"
            )
        self._fields[seat_id] = seat.field
        return Seat(
            id=seat_id,
            number=seat.number,
            kind=SeatKind.SOFA if seat.sofa else seat.kind,
            area=seat.area,
            sofa_id=self._sofas.get(seat.sofa, ""),
            x=self.x(seat.x),
            y=FIRST_ROW_Y + round(row.y * ROW_DEPTH),
            block_reason=seat.block_reason,
            zone_id=seat.zone.id if self._has_zones else "",
        )

    def _must_have_whole_sofas(self, runs: Sequence[Sequence[PlacedSeat]]) -> None:
        ended: set[str] = set()
        for run in runs:
            before = ""
            for seat in run:
                if seat.sofa and seat.sofa != before and seat.sofa in ended:
                    self._findings.refuse(seat.field, "its sofa's seats are not side by side")
                ended.add(before)
                before = seat.sofa
            ended.add(before)

    def _bound(
        self, row: _GridRow, runs: Sequence[Sequence[PlacedSeat]], named: list[list[Seat]]
    ) -> list[list[Seat]]:
        """Give each companion's seat the nearest wheelchair place of the row, a free one first."""
        places = [seat for run in named for seat in run if seat.kind is SeatKind.WHEELCHAIR]
        taken: set[str] = set()
        for run, seats in zip(runs, named, strict=True):
            for index, seat in enumerate(seats):
                if seat.kind is not SeatKind.COMPANION:
                    continue
                if not places:
                    self._findings.refuse(
                        run[index].field, f"row {row.name} has no wheelchair place for it"
                    )
                    continue
                place = min(places, key=lambda each: (each.id in taken, abs(each.x - seat.x)))
                taken.add(place.id)
                seats[index] = replace(seat, companion_of=place.id)
        return named


def _pitch(left: PlacedSeat, right: PlacedSeat) -> float:
    return (left.width + right.width) / 2


def _seat_id(row_name: str, seat: PlacedSeat) -> str:
    """Make `F12`, or `3-12` where a number follows a number."""
    between = "-" if row_name[-1:].isdecimal() and seat.number[:1].isdecimal() else ""
    text = unicodedata.normalize("NFKD", f"{row_name}{between}{seat.number}")
    seat_id = text.encode("ascii", "ignore").decode()
    if SEAT_ID.fullmatch(seat_id) and len(seat_id) >= len(row_name) + len(seat.number):
        return seat_id
    return f"Y{round(seat.y * 10)}X{round(seat.x * 10)}".replace("-", "M")
