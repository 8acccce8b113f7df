"""Finds free seats of a hall for those who come from another one: side by side, and about where they sat."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from math import dist

from services.booking.domain.seat_layout import Seat, SeatKind
from services.booking.domain.seats import SeatPlan

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """About where somebody sat: the row, and the place as shares of the hall's width and depth."""

    row_name: str
    area: str
    place: Point

    @classmethod
    def of(cls, places: Sequence[Point], seats: Sequence[Seat]) -> "Target":
        mine = [places[seat.index] for seat in seats]
        middle = sum(x for x, _ in mine) / len(mine), sum(y for _, y in mine) / len(mine)
        return cls(seats[0].row_name, seats[0].area, middle)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Seats that belong together, and the areas that are good enough for all of them.

    The first may be a wheelchair place: the others are its companions then.
    """

    seats: tuple[Seat, ...]
    areas: frozenset[str]
    target: Target

    @property
    def has_wheelchair(self) -> bool:
        return self.seats[0].kind is SeatKind.WHEELCHAIR


@dataclass(slots=True)
class NewHall:
    """The hall that people come to; `free` are the seats that are left, by their index."""

    plan: SeatPlan
    free: set[int]
    _segments: list[list[Seat]] = field(init=False)
    _sofas: list[list[Seat]] = field(init=False)
    _places: list[Point] = field(init=False)

    def __post_init__(self) -> None:
        ordered = self.plan.ordered
        self._segments = [
            list(ordered[first:end]) for row in self.plan.layout.rows for first, end in row.segments
        ]
        sofas = [seat for seat in ordered if seat.kind is SeatKind.SOFA]
        self._sofas = runs_of(sofas)
        self._places = places_of(self.plan)

    def take(self, indexes: Iterable[int]) -> None:
        self.free.difference_update(indexes)

    def seat(
        self, party: Sequence[Wanted], *, sparing: AbstractSet[int] = frozenset()
    ) -> dict[str, Seat] | None:
        """Take seats for all of a party, or none: by old seat the new one."""
        before = set(self.free)
        self.free -= sparing
        found: dict[str, Seat] = {}
        for wanted in party:
            seats = self._unit(wanted)
            if seats is None:
                self.free = before
                return None
            found |= {old.id: new for old, new in zip(wanted.seats, seats, strict=True)}
        self.free = before - {seat.index for seat in found.values()}
        return found

    def _unit(self, wanted: Wanted) -> list[Seat] | None:
        if wanted.has_wheelchair:
            return self._with_wheelchair(wanted)
        wants_sofa = wanted.seats[0].kind is SeatKind.SOFA
        kinds = (self._sofas, self._segments) if wants_sofa else (self._segments, self._sofas)
        for runs in kinds:
            whole = self._best_run(runs, len(wanted.seats), wanted.areas, wanted.target)
            if whole is not None:
                return self._taken(whole)
        return self._split([*kinds[0], *kinds[1]], wanted)

    def _split(self, runs: Sequence[list[Seat]], wanted: Wanted) -> list[Seat] | None:
        """Seat those who fit in no run in as few and as large ones as can be."""
        before, found, target = set(self.free), list[Seat](), wanted.target
        while len(found) < len(wanted.seats):
            left = len(wanted.seats) - len(found)
            part = self._largest_part(runs, left, wanted.areas, target)
            if part is None:
                self.free = before
                return None
            found += self._taken(part)
            target = Target.of(self._places, part)
        return found

    def _largest_part(
        self, runs: Sequence[list[Seat]], left: int, areas: Collection[str], target: Target
    ) -> list[Seat] | None:
        # Who is left over should not sit alone if that can be helped.
        sizes = [left, *range(left - 2, 1, -1), left - 1] if left > 2 else [left, 1]  # noqa: PLR2004
        for size in (*sizes, 1):
            part = self._best_run(runs, size, areas, target) if size else None
            if part is not None:
                return part
        return None

    def _with_wheelchair(self, wanted: Wanted) -> list[Seat] | None:
        places = [
            self.plan.ordered[index]
            for index in self.plan.layout.wheelchairs
            if index in self.free and self.plan.ordered[index].area in wanted.areas
        ]
        companions = len(wanted.seats) - 1
        ways = [(place, self._beside(place, companions, wanted.areas)) for place in places]
        ways.sort(key=lambda way: (companions - len(way[1]), *self._cost([way[0]], wanted.target)))
        if not ways:
            return None
        place, beside = ways[0]
        found = self._taken([place, *beside])
        while len(found) < len(wanted.seats):
            near = Target.of(self._places, found)
            one = self._best_run(self._segments, 1, wanted.areas, near)
            if one is None:
                return None
            found += self._taken(one)
        return found

    def _beside(self, place: Seat, count: int, areas: Collection[str]) -> list[Seat]:
        """List free companions' seats of a wheelchair place, then ordinary ones next to it."""
        ordered = self.plan.ordered
        companions = [
            ordered[index]
            for index, of in self.plan.layout.companions.items()
            if of == place.index and index in self.free and ordered[index].area in areas
        ]
        neighbours = [
            ordered[index]
            for index in (place.index - 1, place.index + 1)
            if index in self.free
            and ordered[index].segment == place.segment
            and ordered[index].kind is SeatKind.STANDARD
            and ordered[index].area in areas
        ]
        return [*companions, *neighbours][:count]

    def _best_run(
        self, runs: Sequence[list[Seat]], size: int, areas: Collection[str], target: Target
    ) -> list[Seat] | None:
        """Find so many free seats side by side that are most like where somebody sat."""
        windows = (window for run in runs for window in self._windows(run, size, areas))
        return min(windows, key=lambda window: self._cost(window, target), default=None)

    def _windows(
        self, run: Sequence[Seat], size: int, areas: Collection[str]
    ) -> Iterator[list[Seat]]:
        good = [seat.index in self.free and seat.area in areas for seat in run]
        length = 0
        for end, is_good in enumerate(good, start=1):
            length = length + 1 if is_good else 0
            if length >= size:
                yield list(run[end - size : end])

    def _cost(self, seats: Sequence[Seat], target: Target) -> tuple[int, int, int, float, int]:
        torn = sum(1 for seat in (seats[0], seats[-1]) if self._tears_sofa(seat, seats))
        row_differs = int(seats[0].row_name != target.row_name)
        x = sum(self._places[seat.index][0] for seat in seats) / len(seats)
        y = self._places[seats[0].index][1]
        away = round(dist((x, y), target.place), 6)
        return torn, int(seats[0].area != target.area), row_differs, away, seats[0].index

    def _tears_sofa(self, seat: Seat, seats: Sequence[Seat]) -> bool:
        chosen = {each.index for each in seats}
        return not chosen.issuperset(self.plan.layout.sofas.get(seat.index, ()))

    def _taken(self, seats: Sequence[Seat]) -> list[Seat]:
        self.take(seat.index for seat in seats)
        return list(seats)


def runs_of(seats: Iterable[Seat]) -> list[list[Seat]]:
    """Group seats into those that stand side by side."""
    ordered = sorted(seats, key=lambda seat: seat.index)
    runs: list[list[Seat]] = [[seat] for seat in ordered[:1]]
    for before, seat in pairwise(ordered):
        if seat.index == before.index + 1 and seat.segment == before.segment:
            runs[-1].append(seat)
        else:
            runs.append([seat])
    return runs


def places_of(plan: SeatPlan) -> list[Point]:
    """Tell where seats stand as shares of the hall's width and depth."""
    xs, ys = [x for x, _ in plan.layout.places], [y for _, y in plan.layout.places]
    left, front = min(xs), min(ys)
    width, depth = max(xs) - left or 1, max(ys) - front or 1
    return [((x - left) / width, (y - front) / depth) for x, y in plan.layout.places]
