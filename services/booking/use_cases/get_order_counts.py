"""Say whom a change of a screening touches."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OrderCounts:
    """Orders that are confirmed, that may still be paid, and valid tickets."""

    confirmed: int
    open: int
    tickets: int


class CountsOrders(Protocol):
    async def __call__(self, screening_id: UUID) -> OrderCounts:
        """Count; a screening that nobody has asked for has none."""
        ...


@dataclass(frozen=True, slots=True)
class GetOrderCounts:
    """Count orders and tickets of a screening as they are now."""

    count: CountsOrders

    async def __call__(self, screening_id: UUID) -> OrderCounts:
        return await self.count(screening_id)
