"""Where the seats of a hall stand: rows, aisles, wheelchair places, sofas."""

from dataclasses import dataclass
from math import ceil, sqrt
from string import ascii_uppercase

from deploy.programme.seat_plan import Row, Seat, SeatKind, SeatPlan

SEAT_WIDTH = 100
AISLE_WIDTH = 200
ROW_DEPTH = 180
FIRST_ROW_Y = 500
MIN_ROWS, MAX_ROWS = 4, 18
# Rows hold about this many seats for each row there is.
_SEATS_PER_ROW_PER_ROW = 1.5
_MAX_SEATS_WITHOUT_AISLE = 10
_MAX_SEATS_WITH_ONE_AISLE = 16
_SEATS_PER_WHEELCHAIR_PLACE = 100
_MAX_WHEELCHAIR_PLACES = 4
_AREA_NAMES = {"STANDARD": "Standard", "SOFA": "Canapele", "VIP": "VIP"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What is wished of a hall; sofas fill its last row."""

    seats: int
    is_vip: bool
    has_sofas: bool

    @property
    def wheelchair_places(self) -> int:
        return min(_MAX_WHEELCHAIR_PLACES, ceil(self.seats / _SEATS_PER_WHEELCHAIR_PLACE))


def build_plan(layout: Layout) -> SeatPlan:
    """Place exactly the wished number of seats, every kind of place counted."""
    widths = _row_widths(layout)
    middle = _middle_block(min(widths))
    rows = tuple(
        _row(layout, index, width, middle, is_last=index == len(widths) - 1)
        for index, width in enumerate(widths)
    )
    used = {seat.area for row in rows for run in row.segments for seat in run}
    return SeatPlan({area: _AREA_NAMES[area] for area in sorted(used)}, rows)


def _row_count(layout: Layout) -> int:
    return max(MIN_ROWS, min(MAX_ROWS, round(sqrt(layout.seats / _SEATS_PER_ROW_PER_ROW))))


def _row_widths(layout: Layout) -> list[int]:
    rows = _row_count(layout)
    width, rest = divmod(layout.seats, rows)
    # The rows at the back are the wider ones.
    widths = [width + (index >= rows - rest) for index in range(rows)]
    if layout.has_sofas and widths[-1] % 2:
        widths[-1] -= 1
        widths[-2] += 1
    return widths


def _middle_block(narrowest: int) -> int:
    """Count the seats between two aisles, 0 where there are not two."""
    return narrowest // 2 // 2 * 2 if narrowest > _MAX_SEATS_WITH_ONE_AISLE else 0


def _blocks(width: int, middle: int, *, in_pairs: bool) -> list[int]:
    if width <= _MAX_SEATS_WITHOUT_AISLE:
        return [width]
    left = (width - middle) // 2
    if in_pairs:  # No aisle through a sofa.
        left -= left % 2
    if not middle:
        return [left, width - left]
    return [left, middle, width - middle - left]


def _row(layout: Layout, index: int, width: int, middle: int, *, is_last: bool) -> Row:
    sofas = layout.has_sofas and is_last
    label = ascii_uppercase[index]
    blocks = _blocks(width, middle, in_pairs=sofas)
    x = _hall_middle(layout) - _left_of_middle(blocks) + SEAT_WIDTH // 2
    number = 1
    segments = []
    for block in blocks:
        segment = []
        for _ in range(block):
            y = FIRST_ROW_Y + index * ROW_DEPTH
            segment.append(_seat(layout, label, number, x, y, sofas=sofas))
            number += 1
            x += SEAT_WIDTH
        segments.append(tuple(segment))
        x += AISLE_WIDTH
    row = Row(label, tuple(segments))
    return _with_wheelchair_places(row, layout.wheelchair_places) if index == 0 else row


def _left_of_middle(blocks: list[int]) -> int:
    """Measure what stands left of the hall's middle, so that aisles lead straight through."""
    match blocks:
        case [left, _]:
            return left * SEAT_WIDTH + AISLE_WIDTH // 2
        case [left, middle, _]:
            return left * SEAT_WIDTH + AISLE_WIDTH + middle * SEAT_WIDTH // 2
        case _:
            return sum(blocks) * SEAT_WIDTH // 2


def _hall_middle(layout: Layout) -> int:
    widest = layout.seats // _row_count(layout) + 2
    return (widest * SEAT_WIDTH) // 2 + AISLE_WIDTH


def _seat(layout: Layout, label: str, number: int, x: int, y: int, *, sofas: bool) -> Seat:
    kind = SeatKind.SOFA if sofas else SeatKind.STANDARD
    area = "VIP" if layout.is_vip else kind.value
    sofa = f"{label}{(number + 1) // 2}" if sofas else None
    return Seat(f"{label}{number}", label, str(number), x, y, kind, area, sofa)


def _with_wheelchair_places(row: Row, places: int) -> Row:
    """Turn pairs of the first row into a wheelchair place and its companion's, from outside in."""
    first, last = list(row.segments[0]), list(row.segments[-1])
    if len(row.segments) == 1:
        last = first
    for place in range(places):
        block, offset = (first, place) if place % 2 == 0 else (last, -1 - place)
        at = offset if offset >= 0 else len(block) + offset
        pair = block[at : at + 2]
        # The wheelchair stands nearer to the wall.
        block[at : at + 2] = (
            _wheelchair_pair(*pair)
            if block is first and offset >= 0
            else (_wheelchair_pair(*pair[::-1])[::-1])
        )
    segments = [tuple(first), *row.segments[1:]]
    segments[-1] = tuple(last)
    return Row(row.name, tuple(segments))


def _wheelchair_pair(seat: Seat, neighbour: Seat) -> list[Seat]:
    wheelchair = _as_kind(seat, SeatKind.WHEELCHAIR)
    return [wheelchair, _as_kind(neighbour, SeatKind.COMPANION, companion_of=seat.id)]


def _as_kind(seat: Seat, kind: SeatKind, companion_of: str | None = None) -> Seat:
    return Seat(
        seat.id, seat.row, seat.number, seat.x, seat.y, kind, seat.area,
        companion_of=companion_of,
    )  # fmt: skip
