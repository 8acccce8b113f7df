"""What the seats' use cases need of prices: promotions, and the tables that holds keep."""

from typing import Protocol
from uuid import UUID

from services.booking.domain.prices import PriceTable


class Promotions(Protocol):
    """Prices under a promotion code. Never asked inside a transaction."""

    async def prices(self, screening_id: UUID, code: str) -> PriceTable:
        """Ask catalog; PROMOTION_NOT_ACCEPTED, or DEPENDENCY_UNAVAILABLE when it is silent."""
        ...


class PriceTables(Protocol):
    """The price tables that holds keep: each is stored once, whatever number of holds has it."""

    async def note(self, prices: PriceTable) -> UUID:
        """Store a table unless it is; gives its ID."""
        ...

    async def get(self, price_table_id: UUID) -> PriceTable:
        """Read a table that was noted."""
        ...
