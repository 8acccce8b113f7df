"""Read a payment."""

from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.errors import PaymentNotFoundError
from services.payment.domain.payment import Payment
from services.payment.use_cases.ports import PaymentReader


@dataclass(frozen=True, slots=True)
class GetPayment:
    """Get a payment by its owner's reference; any owner's for staff (`owner` None)."""

    reader: PaymentReader

    async def __call__(self, owner: str | None, reference_id: UUID) -> Payment:
        payment = await self.reader.find(owner, reference_id)
        if payment is None:
            raise PaymentNotFoundError(reference_id)
        return payment
