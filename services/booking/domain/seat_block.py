"""Seats that staff keep out of sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.booking.domain.screening import ScreeningFacts
from services.booking.domain.seats import SeatPlan


@dataclass(frozen=True, slots=True)
class SeatBlock:
    """A blocked seat: `blocked_by` is the staff's ID. `seat_index` is its place on the board."""

    seat_id: str
    seat_index: int
    reason: str
    blocked_by: str
    blocked_at: datetime


@dataclass(frozen=True, slots=True)
class HallView:
    """A screening's facts and the plan that its board goes by, sold online or not.

    `facts_version` is the board's: while it stays, so does the plan.
    """

    facts: ScreeningFacts
    plan: SeatPlan
    facts_version: int


@dataclass(frozen=True, slots=True)
class BlockedSeats:
    """What came of blocking seats; epoch and revision are the seat map's afterwards."""

    blocks: Sequence[SeatBlock]
    epoch: int
    revision: int


@dataclass(frozen=True, slots=True)
class UnblockedSeats:
    """What came of unblocking seats: `freed` ones, and those that the plan still blocks."""

    freed: Sequence[str]
    blocked_by_plan: Sequence[str]
    epoch: int
    revision: int
