"""What catalog asks booking, and tells it at once."""

from typing import Protocol
from uuid import UUID

from services.catalog.domain.screening_change import Impact


class ScreeningOrders(Protocol):
    """The orders of screenings, which booking keeps."""

    async def count(self, screening_id: UUID) -> Impact:
        """Count orders and tickets; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...

    async def stop_sales(self, screening_id: UUID) -> None:
        """Say that a screening is off. Never fails: the event says the same."""
        ...
