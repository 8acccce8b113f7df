"""Seat plans: who sits beside whom, what stands at each place, and what is for sale."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class SeatKind(StrEnum):
    """What stands at a place."""

    STANDARD = "STANDARD"
    WHEELCHAIR = "WHEELCHAIR"
    COMPANION = "COMPANION"
    SOFA = "SOFA"


class BlockReason(StrEnum):
    """Why a seat is not for sale; empty when it is."""

    NONE = ""
    OUT_OF_ORDER = "OUT_OF_ORDER"
    HOUSE = "HOUSE"
    UNKNOWN = "UNKNOWN"


class SofaSale(StrEnum):
    """How the seats of a sofa are sold."""

    WHOLE = "WHOLE"
    HALF_ALLOWED = "HALF_ALLOWED"


@dataclass(frozen=True, slots=True)
class Seat:
    """A place. `x` and `y` are hundredths of a seat's width; what does not apply is "".

    `area` is the price area. `zone_id` is the part of the hall that customers read the name of;
    `companion_of` the wheelchair place that a companion's seat belongs to.
    """

    id: str
    number: str
    kind: SeatKind
    area: str
    sofa_id: str
    x: int
    y: int
    companion_of: str = ""
    block_reason: BlockReason = BlockReason.NONE
    zone_id: str = ""


Segment = tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its segments are runs of adjacent seats, with an aisle between two of them."""

    name: str
    segments: tuple[Segment, ...]

    def seats(self) -> Iterator[Seat]:
        return (seat for segment in self.segments for seat in segment)


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the hall with the name that customers read."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the screen is: its left end, its distance, its width."""

    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """The seats of a hall, front row first."""

    rows: tuple[Row, ...]
    sofa_sale: SofaSale = SofaSale.WHOLE
    zones: tuple[Zone, ...] = ()
    screen: Screen | None = None

    def seats(self) -> Iterator[Seat]:
        """Yield all seats in the order that a seat map counts them in."""
        return (seat for row in self.rows for seat in row.seats())

    @property
    def capacity(self) -> int:
        return sum(len(segment) for row in self.rows for segment in row.segments)

    @property
    def areas(self) -> tuple[str, ...]:
        """The price areas that have something for sale."""
        return tuple(sorted({seat.area for seat in self.seats() if not seat.block_reason}))

    def content_hash(self) -> bytes:
        """SHA-256 of everything that a customer could notice."""
        screen = self.screen
        content = [
            self.sofa_sale,
            [[zone.id, zone.name] for zone in self.zones],
            None if screen is None else [screen.x, screen.y, screen.width],
            [
                [row.name, [[_content(seat) for seat in segment] for segment in row.segments]]
                for row in self.rows
            ],
        ]
        return hashlib.sha256(json.dumps(content).encode()).digest()


def _content(seat: Seat) -> list[str | int]:
    return [
        seat.id, seat.number, seat.kind, seat.area, seat.sofa_id, seat.x, seat.y,
        seat.companion_of, seat.block_reason, seat.zone_id,
    ]  # fmt: skip
