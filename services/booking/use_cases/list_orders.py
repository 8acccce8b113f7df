"""List the orders of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from services.booking.domain.order import Order

OrderPlace: TypeAlias = tuple[datetime, UUID]
"""Where an order stands in the listing: when it was placed, and its ID."""


class AccountOrders(Protocol):
    """Reads the orders of accounts."""

    async def of_account(
        self, account_id: UUID, *, before: OrderPlace | None, limit: int
    ) -> Sequence[Order]:
        """List them without timelines, the newest first, those before an order where one is given."""
        ...


@dataclass(frozen=True, slots=True)
class ListOrders:
    """Give the caller's own orders, whatever became of them."""

    orders: AccountOrders

    async def __call__(
        self, account_id: UUID, *, before: OrderPlace | None, limit: int
    ) -> Sequence[Order]:
        return await self.orders.of_account(account_id, before=before, limit=limit)
