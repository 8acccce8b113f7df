"""Read a payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.errors import PaymentNotFoundError
from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund
from services.payment.domain.states import AttemptState
from services.payment.use_cases.ports import PaymentReader
from services.payment.use_cases.refund_ports import RefundReader


@dataclass(frozen=True, slots=True)
class GetPayment:
    """Get a payment by its owner's reference; any owner's for staff (`owner` None)."""

    reader: PaymentReader
    refunds: RefundReader

    async def __call__(self, owner: str | None, reference_id: UUID) -> Payment:
        payment = await self.reader.find(owner, reference_id)
        if payment is None:
            raise PaymentNotFoundError(reference_id)
        return payment

    async def refunds_of(self, payment: Payment) -> Sequence[Refund]:
        """Read its refunds; most payments have none, and show it."""
        states = {attempt.state for attempt in payment.attempts.values()}
        if payment.refunded or AttemptState.QUARANTINED in states:
            return await self.refunds.of_payment(payment.id)
        return ()
