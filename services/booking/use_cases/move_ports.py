"""What moving the seats of a screening to another hall needs of storage."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.hall_move import HallMove, SeatedOrder
from services.booking.domain.seats import SeatPlan
from services.booking.use_cases.order_ports import OrderTx


@dataclass(frozen=True, slots=True)
class MovingBoard:
    """A board under its lock; `is_moving` while its seats are still those of another hall's plan."""

    now: datetime
    is_moving: bool
    seat_plan_id: UUID | None


class Plans(Protocol):
    """The seat plans that are known here."""

    async def load_plan(self, seat_plan_id: UUID) -> SeatPlan | None: ...


class Seated(Protocol):
    """Who sits where, read at one moment."""

    async def seat_plan_id(self, screening_id: UUID) -> UUID | None:
        """Give the plan that the seats are of; None without a board or a plan."""
        ...

    async def orders(self, screening_id: UUID) -> Sequence[SeatedOrder]:
        """List the orders with seats, but for unpaid ones whose deadline is over."""
        ...

    async def blocked_by_staff(self, screening_id: UUID) -> Sequence[str]:
        """Name the seats that staff keep out of sale; they do so in any hall that has them."""
        ...

    async def count_holds(self, screening_id: UUID) -> int:
        """Count live holds without an order."""
        ...


class MoveTx(Protocol):
    """A transaction that moves seats; rolled back unless committed. `lock` comes first."""

    @property
    def seated(self) -> Seated: ...

    async def lock(self, screening_id: UUID) -> MovingBoard:
        """Lock the board; SCREENING_NOT_FOUND."""
        ...

    async def has_completing(self, screening_id: UUID) -> bool:
        """Whether granted orders have not got their tickets yet."""
        ...

    async def block(self, screening_id: UUID, plan: SeatPlan) -> frozenset[int]:
        """Claim what plan and staff keep out of sale, and give up holds and claims of all others."""
        ...

    async def store(
        self, screening_id: UUID, version: int, move: HallMove, board: MovingBoard
    ) -> None:
        """Write claims, holds, tickets and orders as the move has them, and the board's new plan."""
        ...

    async def commit(self) -> None: ...


MoveTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[MoveTx]]


class MovingScreenings(Protocol):
    """Finds what is to be moved."""

    async def __call__(self, limit: int) -> Sequence[UUID]:
        """List screenings whose boards are MOVING with seats of another hall's plan."""
        ...


class UnseatedTx(Protocol):
    """What cancelling orders without seats needs of the transaction of a job."""

    @property
    def orders(self) -> OrderTx: ...

    async def changed_at(self, screening_id: UUID, version: int) -> datetime | None:
        """Say when the screening was moved; None when nobody told."""
        ...

    async def unseated(self, screening_id: UUID, order_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Pick the confirmed orders for which there were no seats, and nobody is inside."""
        ...

    async def resume_sales(self, screening_id: UUID) -> None: ...
