"""Work that goes over all orders of a screening, in batches, and goes on where it was stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class JobKind(StrEnum):
    """What is done with each order."""

    NOTICE = "NOTICE"  # Its buyer is told of a change.
    MOVE = "MOVE"  # Without a seat in the new hall it is cancelled.


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class MovedOrders:
    """What became of the orders in another hall; `unseated` are the numbers of those without seats."""

    hall_name: str
    same_orders: int
    other_orders: int
    unseated: Sequence[str]
    released_holds: int


@dataclass(frozen=True, slots=True)
class ScreeningJob:
    """One job for each kind and version of the screening, ever.

    `position` is the last order done of the present pass, by ID; `done` counts those of the pass.
    `now` is the database's clock when it was taken, `problem` why the last try did not succeed.
    """

    screening_id: UUID
    kind: JobKind
    version: int
    state: JobState
    passes: int
    position: UUID | None
    done: int
    total: int
    created_at: datetime
    pass_began_at: datetime
    now: datetime
    problem: str = ""
    moved: MovedOrders | None = None
