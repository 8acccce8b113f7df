"""A party that no row can seat side by side: split as little as can be.

First within one row (across an aisle or a neighbour), then in two adjacent rows, then three, and so
on; among the ways to do that the one of the fewest parts, then with the fewest people alone, then
nearest to where the party wants to sit. Each part is a block in a free run of its own, so that what
each leaves beside itself is what all of them leave.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.booking.domain.gap_rule import FREE_RUN, single_seats_left
from services.booking.domain.seat_layout import SeatLayout, SeatRow

_PART_COST, _ALONE_COST = 2, 1


@dataclass(frozen=True, slots=True)
class Hall:
    """Where ordinary seats are free.

    `segments` are the first seats of the segments that are wanted, None for all of them;
    `nearness` sums up the seats' distances from where the party wants to sit, one more than seats.
    """

    layout: SeatLayout
    states: bytes
    segments: frozenset[int] | None
    nearness: Sequence[int]

    def runs(self, row: SeatRow) -> Iterator[tuple[int, int]]:
        """Find the free runs of a row's wanted segments."""
        for first, end in row.segments:
            if self.segments is None or first in self.segments:
                for run in FREE_RUN.finditer(self.states, first, end):
                    yield run.span()

    def starts(self, first: int, end: int, count: int) -> Iterator[int]:
        """List where so many may begin in a free run without leaving a single seat."""
        left_over = end - first - count
        if left_over == 0:
            yield first
        elif left_over > 1:
            yield first
            yield from range(first + 2, end - count - 1)
            yield end - count

    def distance(self, at: int, count: int) -> int:
        return self.nearness[at + count] - self.nearness[at]


class _Part(NamedTuple):
    """So many seats side by side in a free run: those nearest of all that could be."""

    at: int
    size: int
    distance: int


class _Way(NamedTuple):
    """A way to seat some of the party: compared by cost, then by distance."""

    cost: int
    distance: int
    parts: tuple[_Part, ...]

    def with_part(self, part: _Part) -> "_Way":
        cost = _PART_COST + (_ALONE_COST if part.size == 1 else 0)
        return _Way(self.cost + cost, self.distance + part.distance, (*self.parts, part))

    @property
    def seats(self) -> list[int]:
        return sorted(seat for part in self.parts for seat in range(part.at, part.at + part.size))


def split(hall: Hall, count: int, *, strict: bool) -> list[int]:
    """Choose seats for a party in parts; none when there are not enough."""
    return _least_split(hall, count, by_exemption=False) or (
        [] if strict else _least_split(hall, count, by_exemption=True)
    )


def _least_split(hall: Hall, count: int, *, by_exemption: bool) -> list[int]:
    """Look at ever more adjacent rows; `by_exemption` also at what leaves single seats."""
    rows = [
        [_parts(hall, *run, count, by_exemption=by_exemption) for run in hall.runs(row)]
        for row in hall.layout.rows
    ]
    room = [sum(parts[-1].size for parts in row if parts) for row in rows]
    for width in range(1, len(rows) + 1):
        ways = [
            way
            for at in range(len(rows) - width + 1)
            if sum(room[at : at + width]) >= count
            if (way := _best_way([run for row in rows[at : at + width] for run in row], count))
            if not (by_exemption and single_seats_left(hall.layout, hall.states, way.seats))
        ]
        if ways:
            return min(ways).seats
    return []


def _parts(hall: Hall, first: int, end: int, count: int, *, by_exemption: bool) -> list[_Part]:
    """List the parts of each size that a free run can seat, small ones first."""
    parts = []
    for size in range(1, min(count, end - first) + 1):
        starts = list(hall.starts(first, end, size))
        if not starts and by_exemption:
            starts = [first, end - size]
        if starts:
            distance, at = min((hall.distance(at, size), at) for at in starts)
            parts.append(_Part(at, size, distance))
    return parts


def _best_way(runs: Sequence[Sequence[_Part]], count: int) -> _Way | None:
    """Find the best way to seat the whole party, one part or none in each of these runs."""
    best = {0: _Way(0, 0, ())}
    for parts in runs:
        further = dict(best)
        for part in parts:
            for seated, way in best.items():
                together = seated + part.size
                if together <= count:
                    longer = way.with_part(part)
                    if together not in further or longer < further[together]:
                        further[together] = longer
        best = further
    return best.get(count)
