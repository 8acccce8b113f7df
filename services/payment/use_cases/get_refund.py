"""Read a refund."""

from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.errors import RefundNotFoundError
from services.payment.domain.refund import Refund
from services.payment.use_cases.refund_ports import RefundReader


@dataclass(frozen=True, slots=True)
class GetRefund:
    """Get a refund of an owner's payment; any owner's for staff (`owner` None)."""

    reader: RefundReader

    async def __call__(self, owner: str | None, refund_id: UUID) -> Refund:
        refund = await self.reader.find(owner, refund_id)
        if refund is None:
            raise RefundNotFoundError(refund_id)
        return refund
