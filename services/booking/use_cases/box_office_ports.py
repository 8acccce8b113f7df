"""What the box office's use cases need of storage."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.seat_block import HallView, SeatBlock
from services.booking.domain.seat_layout import Seat
from services.booking.domain.staff import Staff
from services.booking.use_cases.ports import Requests, SeatBoard


class Halls(Protocol):
    """Screenings with their seats as staff see them. Never asked inside a transaction."""

    async def hall(self, screening_id: UUID) -> HallView:
        """Give facts and plan; SCREENING_NOT_FOUND, SALES_PAUSED, NOT_SOLD_ONLINE without a plan."""
        ...


class SeatBlocks(Protocol):
    """Blocked seats inside one transaction that has locked the board."""

    async def block(
        self, screening_id: UUID, seats: Sequence[Seat], reason: str, staff: Staff
    ) -> list[SeatBlock]:
        """Block seats, all or none; a seat that is blocked keeps its reason. SEAT_UNAVAILABLE."""
        ...

    async def unblock(
        self, screening_id: UUID, seats: Sequence[Seat], staff: Staff
    ) -> tuple[list[str], list[str]]:
        """End what staff have blocked; gives who is free now, and who is still the plan's."""
        ...


class BlockList(Protocol):
    """Reads blocked seats."""

    async def list(self, screening_id: UUID, after_index: int, limit: int) -> list[SeatBlock]:
        """List what staff have blocked, by the seats' places on the board."""
        ...


class StaffAudit(Protocol):
    """The audit of one transaction."""

    async def add(self, staff: Staff, action: str, subject: str, after: object) -> None:
        """Add who did what; call it last."""
        ...


class BoxOfficeTx(Protocol):
    """A transaction of the box office; rolled back unless committed."""

    @property
    def board(self) -> SeatBoard: ...

    @property
    def blocks(self) -> SeatBlocks: ...

    @property
    def requests(self) -> Requests: ...

    @property
    def audit(self) -> StaffAudit: ...

    async def commit(self) -> None: ...


BoxOfficeTransactions: TypeAlias = Callable[[], AbstractAsyncContextManager[BoxOfficeTx]]
