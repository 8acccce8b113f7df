"""An order whose screening went to another hall: where its seats are now."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """A seat as people find it."""

    seat_id: str
    row_name: str
    seat_number: str


@dataclass(frozen=True, slots=True)
class MovedTo:
    """The hall and the seats that an order has now; `seats` by the ID that was sold.

    Without seats there were none for it, and the cinema cancels it.
    """

    hall_id: str
    hall_name: str
    seats: Mapping[str, SeatPlace]

    @property
    def is_unseated(self) -> bool:
        return not self.seats
