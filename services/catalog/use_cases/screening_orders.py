"""What catalog asks booking, and tells it at once."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from services.catalog.domain.quotes import Quote
from services.catalog.domain.screening_change import Impact


class ScreeningOrders(Protocol):
    """The orders of screenings, which booking keeps."""

    async def count(self, screening_id: UUID) -> Impact:
        """Count orders and tickets; DEPENDENCY_UNAVAILABLE when nobody answers."""
        ...

    async def get_move_impact(
        self, screening_id: UUID, packed_plan: bytes, quotes: Sequence[Quote]
    ) -> Impact:
        """Say what would become of all orders in a hall of this plan; DEPENDENCY_UNAVAILABLE."""
        ...

    async def stop_sales(self, screening_id: UUID) -> None:
        """Say that a screening is off. Never fails: the event says the same."""
        ...
