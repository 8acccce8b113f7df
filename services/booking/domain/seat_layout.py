"""How the seats of a plan stand to each other: worked out once, asked at every choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import dist

SEAT_WIDTH = 100
ROW_DEPTH = 150


class SeatKind(StrEnum):
    """What sort of seat it is: all but ordinary ones have neighbours of their own."""

    STANDARD = "STANDARD"
    WHEELCHAIR = "WHEELCHAIR"
    COMPANION = "COMPANION"
    SOFA = "SOFA"


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a plan; `index` is its place in a seat map, counted from zero.

    `segment` numbers the plan's runs of adjacent seats. `sofa_id` and `companion_of` are "" where
    there is none. `blocked`: the plan says that it is not for sale. `x` and `y` are where it
    stands, in hundredths of a seat's width, and zero in plans that do not tell.
    """

    id: str
    index: int
    row_name: str
    number: str
    area: str
    blocked: bool = False
    segment: int = 0
    kind: SeatKind = SeatKind.STANDARD
    sofa_id: str = ""
    companion_of: str = ""
    x: int = 0
    y: int = 0


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A row's seats are those from `first` up to `end`; so are the seats of its segments.

    A segment is a run of adjacent seats that the gap rule judges: an aisle, another area, a sofa,
    a wheelchair place or a companion's seat ends it.
    """

    first: int
    end: int
    segments: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SeatLayout:
    """Rows and what belongs together, all by the seats' index.

    `segment_of` bounds each seat's segment; a seat outside of all of them is one by itself.
    `sofas` has the seats of a sofa under each of them, `companions` the wheelchair place of each
    companion's seat. `places` is where each seat stands, and `to_focus` how far it is from the
    hall's focal point: the centre column, two thirds of the way back. Both in hundredths of a
    seat's width.
    """

    rows: tuple[SeatRow, ...]
    row_of: tuple[int, ...]
    segment_of: tuple[tuple[int, int], ...]
    sofas: Mapping[int, tuple[int, ...]]
    companions: Mapping[int, int]
    wheelchairs: tuple[int, ...]
    sofas_sold_whole: bool
    places: tuple[tuple[int, int], ...]
    to_focus: tuple[int, ...]

    def span_of(self, indexes: Iterable[int]) -> tuple[int, int]:
        """Bound the rows that these seats are in: all that a judgement of them looks at."""
        rows = [self.row_of[index] for index in indexes]
        return self.rows[min(rows)].first, self.rows[max(rows)].end


def layout_of(seats: Sequence[Seat], *, sofas_sold_whole: bool) -> SeatLayout:
    """Work out the layout of seats in the order of the plan."""
    rows = tuple(_row(list(group)) for _, group in groupby(seats, key=lambda seat: seat.row_name))
    segment_of = [(seat.index, seat.index + 1) for seat in seats]
    for row in rows:
        for first, end in row.segments:
            segment_of[first:end] = [(first, end)] * (end - first)
    by_id = {seat.id: seat.index for seat in seats}
    places = _places(seats, rows)
    return SeatLayout(
        rows=rows,
        row_of=tuple(number for number, row in enumerate(rows) for _ in range(row.first, row.end)),
        segment_of=tuple(segment_of),
        sofas=_sofas(seats),
        companions={
            seat.index: by_id[seat.companion_of]
            for seat in seats
            if seat.kind is SeatKind.COMPANION and seat.companion_of in by_id
        },
        wheelchairs=tuple(seat.index for seat in seats if seat.kind is SeatKind.WHEELCHAIR),
        sofas_sold_whole=sofas_sold_whole,
        places=places,
        to_focus=distances(places, _focus(places)),
    )


def distances(places: Iterable[tuple[int, int]], point: tuple[int, int]) -> tuple[int, ...]:
    """Measure how far places are from a point."""
    return tuple(round(dist(place, point)) for place in places)


def _row(seats: Sequence[Seat]) -> SeatRow:
    runs = [
        [seat.index for seat in run]
        for (_, _, is_judged), run in groupby(seats, key=_neighbourhood)
        if is_judged
    ]
    segments = tuple((run[0], run[-1] + 1) for run in runs)
    return SeatRow(seats[0].index, seats[-1].index + 1, segments)


def _neighbourhood(seat: Seat) -> tuple[int, str, bool]:
    return seat.segment, seat.area, seat.kind is SeatKind.STANDARD


def _places(seats: Sequence[Seat], rows: Iterable[SeatRow]) -> tuple[tuple[int, int], ...]:
    """Tell where seats stand; in a plan that does not, rows stand centred behind each other."""
    told = tuple((seat.x, seat.y) for seat in seats)
    if len(set(told)) == len(told):
        return told
    return tuple(
        (SEAT_WIDTH * (2 * index - row.first - row.end) // 2, ROW_DEPTH * number)
        for number, row in enumerate(rows)
        for index in range(row.first, row.end)
    )


def _focus(places: Sequence[tuple[int, int]]) -> tuple[int, int]:
    columns, depths = [x for x, _ in places], [y for _, y in places]
    depth = max(depths) - min(depths)
    return (min(columns) + max(columns)) // 2, min(depths) + depth * 2 // 3


def _sofas(seats: Iterable[Seat]) -> dict[int, tuple[int, ...]]:
    members: dict[str, list[int]] = {}
    for seat in seats:
        if seat.sofa_id:
            members.setdefault(seat.sofa_id, []).append(seat.index)
    return {index: tuple(sofa) for sofa in members.values() for index in sofa}
