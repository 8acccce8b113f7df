"""Reads many orders at once."""

from collections.abc import Sequence
from uuid import UUID

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_rows import order_of
from services.booking.adapters.order_saving import Runner
from services.booking.domain.order import Order


async def read_orders(runner: Runner, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Read orders by their IDs, in one statement and in any order; unknown ones are left out."""
    if not order_ids:
        return {}
    rows = await runner.fetch(sql.READ_ALL, order_ids)
    return {row["id"]: order_of(row) for row in rows}
