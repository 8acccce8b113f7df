"""The seats of a plan and the packed states of a seat map."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from services.booking.domain.errors import UnknownSeatError
from services.booking.domain.seat_layout import Seat, SeatLayout, layout_of


class SeatState(IntEnum):
    """What a seat is to anyone who looks; the value is its byte in a seat map."""

    FREE = 1
    HELD = 2
    SOLD = 3
    BLOCKED = 4


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """The seats of a hall by ID, in the order of the seat map, and how they stand to each other.

    A plan never changes: another version is another ID.
    """

    id: UUID
    seats: Mapping[str, Seat]
    sofas_sold_whole: bool = True
    ordered: tuple[Seat, ...] = field(init=False)
    layout: SeatLayout = field(init=False)

    def __post_init__(self) -> None:
        ordered = tuple(self.seats.values())
        layout = layout_of(ordered, sofas_sold_whole=self.sofas_sold_whole)
        object.__setattr__(self, "ordered", ordered)
        object.__setattr__(self, "layout", layout)

    def blocked_seats(self) -> list[Seat]:
        """List the seats that the plan keeps out of sale."""
        return [seat for seat in self.seats.values() if seat.blocked]

    def states_before_sales(self) -> bytes:
        """Make the states of a hall that nobody has bought of yet."""
        return bytes(
            SeatState.BLOCKED if seat.blocked else SeatState.FREE for seat in self.seats.values()
        )

    def seat(self, seat_id: str) -> Seat:
        """Find a seat; UNKNOWN_SEAT when the plan has none such."""
        seat = self.seats.get(seat_id)
        if seat is None:
            raise UnknownSeatError(seat_id)
        return seat


@dataclass(frozen=True, slots=True)
class SeatMap:
    """The state of every seat at one revision: one byte of `states` for each, in plan order.

    `facts_version` counts what booking was told of the screening until then. `on_sale` is False
    once the screening was called off. `server_start` is when the database server that said so began.
    """

    screening_id: UUID
    seat_plan_id: UUID | None
    epoch: int
    revision: int
    facts_version: int
    on_sale: bool
    states: bytes
    server_start: datetime

    def has_reached(self, epoch: int, revision: int) -> bool:
        """Tell whether a reader who has seen the revision of the epoch may read this map."""
        return self.epoch > epoch or (self.epoch == epoch and self.revision >= revision)


def with_states(states: bytes, indexes: Iterable[int], state: SeatState) -> bytes:
    """Copy states with those at the indexes replaced."""
    changed = bytearray(states)
    for index in indexes:
        changed[index] = state
    return bytes(changed)
