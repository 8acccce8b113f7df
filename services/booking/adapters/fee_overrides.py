"""What staff said of orders' service fees, in PostgreSQL: at most one row for each order."""

from dataclasses import dataclass

from services.booking.adapters.order_saving import Runner
from services.booking.domain.fee_override import FeeOverride
from services.booking.domain.order import Order

_READ = """
SELECT proposed_by, reason, coalesce(approved_by, '') AS approved_by FROM fee_override
WHERE screening_id = $1 AND order_id = $2"""
_PROPOSE = """
INSERT INTO fee_override (screening_id, order_id, proposed_by, reason, proposed_at)
VALUES ($1, $2, $3, $4, $5) RETURNING order_id"""
_AGREE = """
UPDATE fee_override SET approved_by = $3, approve_reason = $4, approved_at = $5
WHERE screening_id = $1 AND order_id = $2 AND approved_by IS NULL RETURNING order_id"""


@dataclass(frozen=True, slots=True)
class FeeOverrideRows:
    """The port `FeeOverrides`."""

    runner: Runner

    async def of(self, order: Order) -> FeeOverride | None:
        row = await self.runner.fetchrow(_READ, order.screening_id, order.id)
        return None if row is None else FeeOverride(**dict(row))

    async def propose(self, order: Order, override: FeeOverride) -> None:
        said = (override.proposed_by, override.reason)
        await self.runner.fetchrow(_PROPOSE, order.screening_id, order.id, *said, order.read_at)

    async def agree(self, order: Order, approved_by: str, reason: str) -> None:
        said = (approved_by, reason)
        await self.runner.fetchrow(_AGREE, order.screening_id, order.id, *said, order.read_at)
