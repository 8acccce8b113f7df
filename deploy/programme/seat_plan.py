"""The native seat plan, as `docs/seat-plan.schema.json` has it.

A row is a list of segments; a segment is a maximal run of physically adjacent seats, from left
to right as seen towards the screen. Nothing else says who sits beside whom.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA = "parterre.seat-plan.v1"
MAX_ROWS = 40
MAX_SEGMENTS_PER_ROW = 12
MAX_SEATS_PER_SEGMENT = 60
MAX_SEATS_PER_PLAN = 1_000
MAX_AREAS = 10
MAX_ID_CHARS = 16
MAX_COORDINATE = 100_000
MAX_ROW_NAME_CHARS = 8


class SeatKind(StrEnum):
    """What stands at a place: a seat, room for a wheelchair, the seat beside it, half a sofa."""

    STANDARD = "STANDARD"
    WHEELCHAIR = "WHEELCHAIR"
    COMPANION = "COMPANION"
    SOFA = "SOFA"


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a hall.

    `x` and `y` are its middle in hundredths of a seat's width, from the left wall and from the
    screen. `sofa_id` is the group whose seats are one sofa, `companion_of` the wheelchair place
    that a companion's seat belongs to.
    """

    id: str
    row: str
    number: str
    x: int
    y: int
    kind: SeatKind
    area: str
    sofa_id: str | None = None
    companion_of: str | None = None

    def to_json(self) -> dict[str, Any]:
        seat: dict[str, Any] = {
            "id": self.id,
            "number": self.number,
            "x": self.x,
            "y": self.y,
            "kind": self.kind.value,
            "area": self.area,
            "zone_id": self.area,
        }
        if self.sofa_id is not None:
            seat["sofa_id"] = self.sofa_id
        if self.companion_of is not None:
            seat["companion_of"] = self.companion_of
        return seat


@dataclass(frozen=True, slots=True)
class Row:
    """A row, nearest to the screen first in its plan."""

    name: str
    segments: tuple[tuple[Seat, ...], ...]


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """A whole hall. `areas` maps the ids that seats name to what a customer reads.

    Each price area is a zone of its own. Raises ValueError when it breaks a limit or names a seat twice.
    """

    areas: dict[str, str]
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        seats = list(self.seats())
        segments = [run for row in self.rows for run in row.segments]
        is_sound = (
            1 <= len(self.rows) <= MAX_ROWS
            and all(1 <= len(row.segments) <= MAX_SEGMENTS_PER_ROW for row in self.rows)
            and all(1 <= len(row.name) <= MAX_ROW_NAME_CHARS for row in self.rows)
            and all(1 <= len(run) <= MAX_SEATS_PER_SEGMENT for run in segments)
            and len(seats) <= MAX_SEATS_PER_PLAN
            and len(self.areas) <= MAX_AREAS
            and all(1 <= len(seat.id) <= MAX_ID_CHARS for seat in seats)
            and all(max(seat.x, seat.y) <= MAX_COORDINATE for seat in seats)
            and all(min(seat.x, seat.y) >= 0 for seat in seats)
            and {seat.area for seat in seats} <= set(self.areas)
        )
        if not is_sound or len({seat.id for seat in seats}) != len(seats):
            raise ValueError("the seat plan breaks a limit or names a seat twice")

    def seats(self) -> Iterator[Seat]:
        return (seat for row in self.rows for segment in row.segments for seat in segment)

    @property
    def capacity(self) -> int:
        return sum(len(segment) for row in self.rows for segment in row.segments)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "zones": self._zones(),
            "rows": [
                {
                    "name": row.name,
                    "segments": [
                        {"seats": [seat.to_json() for seat in run]} for run in row.segments
                    ],
                }
                for row in self.rows
            ],
        }

    def to_contract(self) -> dict[str, Any]:
        """Give the plan as the JSON form of the contracts' SeatPlan, ready to be published."""
        return {
            "zones": self._zones(),
            "rows": [
                {
                    "name": row.name,
                    "segments": [
                        {"seats": [_contract_seat(seat) for seat in run]} for run in row.segments
                    ],
                }
                for row in self.rows
            ],
        }

    def _zones(self) -> list[dict[str, str]]:
        return [{"id": area, "name": name} for area, name in self.areas.items()]


def _contract_seat(seat: Seat) -> dict[str, Any]:
    return {
        "id": seat.id,
        "number": seat.number,
        "kind": f"KIND_{seat.kind.value}",
        "area": seat.area,
        "sofa_id": seat.sofa_id or "",
        "companion_of": seat.companion_of or "",
        "zone_id": seat.area,
        "x": seat.x,
        "y": seat.y,
    }
