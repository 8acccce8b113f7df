"""What staff read of people is written down."""

from collections.abc import Sequence
from typing import Protocol

from services.booking.domain.staff import Staff


class StaffReads(Protocol):
    """Notes what staff read of people, outside of transactions."""

    async def note(self, staff: Staff, action: str, subjects: Sequence[str]) -> None:
        """Add an audit row for each thing that is about to be shown."""
        ...
