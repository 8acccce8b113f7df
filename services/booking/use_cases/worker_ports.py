"""What the seats' tasks in the background need of storage."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.booking.domain.screening_change import ScreeningChange


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep did: `is_all` unless there were more lapsed holds than it may look at.

    `overdue`: screenings with holds that were left more than once, for their boards were locked.
    """

    expired: int
    is_all: bool
    overdue: tuple[UUID, ...] = ()


class LapsedHolds(Protocol):
    """What the sweeper does, for many screenings at once."""

    async def expire(self, max_holds: int) -> Sweep:
        """End the holds without an order that lapsed longest ago, and free their seats.

        Those of a board that is locked just now are left. Several may sweep at the same time.
        """
        ...

    async def expire_of(self, screening_id: UUID, max_holds: int) -> Sweep:
        """Do the same for one screening, and wait for its board for a while."""
        ...


class FactsMarks(Protocol):
    """Marks copies as out of date, inside the transaction that consumes the event."""

    async def screening_changed(self, screening_id: UUID) -> None: ...

    async def screening_moved(self, screening_id: UUID) -> None:
        """Let nothing be sold or decided for it until its seats are moved to the other hall."""
        ...

    async def screening_called_off(self, screening_id: UUID) -> None:
        """Stop the sale under the board's lock: nothing is held or decided for it any more."""
        ...

    async def prices_change(self, cinema_id: str, effective_at: datetime) -> None: ...

    async def terms_change(self, policy_code: str, effective_at: datetime) -> None: ...

    async def holidays_set(self, country_code: str, year: int) -> None: ...


class ChangeNotes(Protocol):
    """Writes changes down for those who have bought, inside the transaction that consumes the event."""

    async def record(self, screening_id: UUID, change: ScreeningChange) -> None:
        """Keep the change and begin the job that tells of it, once for each version.

        Nothing when booking knows no such screening: then nobody has bought it.
        """
        ...
