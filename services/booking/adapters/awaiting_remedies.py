"""Orders whose remedies wait for approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.booking.adapters.order_reading import read_orders
from services.booking.domain.order import Order
from services.common.db.database import Database

_AWAITING = """
SELECT order_id FROM remedy
WHERE screening_id = $1 AND state = 'AWAITING_APPROVAL'
  AND ($2::timestamptz IS NULL OR (requested_at, order_id) > ($2, $3::uuid))
ORDER BY requested_at, order_id LIMIT $4"""


@dataclass(frozen=True, slots=True)
class AwaitingRemedyReader:
    """The port `AwaitingRemedies`."""

    database: Database

    async def list(
        self, screening_id: UUID, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Order]:
        place = after or (None, None)
        rows = await self.database.fetch(_AWAITING, screening_id, *place, limit)
        order_ids = [row["order_id"] for row in rows]
        found = await read_orders(self.database, order_ids)
        return [found[order_id] for order_id in order_ids]
