"""Seat plans: who sits beside whom, and what makes a plan sound."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from services.catalog.domain.errors import InvalidSeatPlanError
from services.common.errors import FieldViolation

MAX_SEATS_PER_PLAN = 2_000
MIN_SEATS_PER_SOFA = 2
MAX_VIOLATIONS = 20


class SeatKind(StrEnum):
    """What stands at a place."""

    STANDARD = "STANDARD"
    WHEELCHAIR = "WHEELCHAIR"
    COMPANION = "COMPANION"
    SOFA = "SOFA"


@dataclass(frozen=True, slots=True)
class Seat:
    """A place. `x` and `y` are hundredths of a seat's width; `sofa_id` is "" for single seats."""

    id: str
    number: str
    kind: SeatKind
    area: str
    sofa_id: str
    x: int
    y: int


Segment = tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its segments are runs of adjacent seats, with an aisle between two of them."""

    name: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """The seats of a hall, front row first."""

    rows: tuple[Row, ...]

    def seats(self) -> Iterator[Seat]:
        """Yield all seats in the order that a seat map counts them in."""
        return (seat for row in self.rows for segment in row.segments for seat in segment)

    @property
    def capacity(self) -> int:
        return sum(len(segment) for row in self.rows for segment in row.segments)

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(sorted({seat.area for seat in self.seats()}))

    def content_hash(self) -> bytes:
        """SHA-256 of everything that a customer could notice."""
        content = [
            [
                row.name,
                [
                    [[s.id, s.number, s.kind, s.area, s.sofa_id, s.x, s.y] for s in segment]
                    for segment in row.segments
                ],
            ]
            for row in self.rows
        ]
        return hashlib.sha256(json.dumps(content).encode()).digest()

    def must_be_sound(self) -> None:
        """Raise INVALID_SEAT_PLAN naming what is wrong, the first twenty of it."""
        violations = [
            violation
            for check in (_size, _unique, _sofas, _companions)
            for violation in check(self)
        ][:MAX_VIOLATIONS]
        if violations:
            raise InvalidSeatPlanError(violations)


def _segments(plan: SeatPlan) -> Iterator[tuple[str, Segment]]:
    for row_index, row in enumerate(plan.rows):
        for index, segment in enumerate(row.segments):
            yield f"seat_plan.rows[{row_index}].segments[{index}]", segment


def _size(plan: SeatPlan) -> Iterator[FieldViolation]:
    if plan.capacity > MAX_SEATS_PER_PLAN:
        yield FieldViolation("seat_plan.rows", f"more than {MAX_SEATS_PER_PLAN} seats")


def _unique(plan: SeatPlan) -> Iterator[FieldViolation]:
    seen: set[str] = set()
    for path, segment in _segments(plan):
        for index, seat in enumerate(segment):
            if seat.id in seen:
                yield FieldViolation(f"{path}.seats[{index}].id", f"{seat.id} is there twice")
            seen.add(seat.id)
    names: set[str] = set()
    for index, row in enumerate(plan.rows):
        if row.name in names:
            yield FieldViolation(f"seat_plan.rows[{index}].name", f"row {row.name} is there twice")
        names.add(row.name)


def _sofas(plan: SeatPlan) -> Iterator[FieldViolation]:
    """Find broken sofas: two or more neighbours of one segment; only their seats name one."""
    sizes = Counter(seat.sofa_id for seat in plan.seats() if seat.sofa_id)
    for path, segment in _segments(plan):
        places: dict[str, list[int]] = {}
        for index, seat in enumerate(segment):
            field = f"{path}.seats[{index}].sofa_id"
            if (seat.kind is SeatKind.SOFA) != bool(seat.sofa_id):
                yield FieldViolation(field, "a sofa's seats, and only they, name their sofa")
            elif seat.sofa_id:
                places.setdefault(seat.sofa_id, []).append(index)
        for sofa_id, indices in places.items():
            field = f"{path}.seats[{indices[0]}].sofa_id"
            if sizes[sofa_id] < MIN_SEATS_PER_SOFA:
                yield FieldViolation(field, f"sofa {sofa_id} has one seat")
            elif len(indices) != sizes[sofa_id] or indices[-1] - indices[0] != len(indices) - 1:
                yield FieldViolation(field, f"the seats of sofa {sofa_id} are not side by side")


def _companions(plan: SeatPlan) -> Iterator[FieldViolation]:
    """Find companions' seats that have no wheelchair place beside them."""
    for path, segment in _segments(plan):
        beside = {
            index + step
            for index, (left, right) in enumerate(pairwise(segment))
            for step, neighbour in ((0, right), (1, left))
            if neighbour.kind is SeatKind.WHEELCHAIR
        }
        for index, seat in enumerate(segment):
            if seat.kind is SeatKind.COMPANION and index not in beside:
                field = f"{path}.seats[{index}].kind"
                yield FieldViolation(field, f"{seat.id} has no wheelchair place beside it")
