"""The orders of an account, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.booking.adapters.order_rows import order_of
from services.booking.adapters.order_sql import READ_OF_ACCOUNT
from services.booking.domain.order import Order
from services.booking.use_cases.list_orders import OrderPlace
from services.common.db.database import Database


@dataclass(frozen=True, slots=True)
class AccountOrderReader:
    """The port `AccountOrders`."""

    database: Database

    async def of_account(
        self, account_id: UUID, *, before: OrderPlace | None, limit: int
    ) -> Sequence[Order]:
        created_at, order_id = before or (None, None)
        rows = await self.database.fetch(READ_OF_ACCOUNT, account_id, created_at, order_id, limit)
        return [order_of(row) for row in rows]
