"""How many orders and tickets a screening has."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.get_order_counts import OrderCounts
from services.common.db.database import Database

_COUNT = """
SELECT count(*) FILTER (WHERE state = 'CONFIRMED') AS confirmed,
       count(*) FILTER (WHERE state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING')) AS open,
       (SELECT count(*) FROM ticket WHERE screening_id = $1 AND state = 'VALID') AS tickets
FROM customer_order WHERE screening_id = $1"""


@dataclass(frozen=True, slots=True)
class OrderCountRows:
    """The port `CountsOrders`."""

    database: Database

    async def __call__(self, screening_id: UUID) -> OrderCounts:
        row = await self.database.fetchrow(_COUNT, screening_id)
        if row is None:
            raise LookupError("a count has a row")
        return OrderCounts(row["confirmed"], row["open"], row["tickets"])
