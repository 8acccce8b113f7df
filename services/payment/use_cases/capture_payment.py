"""Take the authorised money."""

from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.errors import PaymentNotAuthorizedError, PaymentNotFoundError
from services.payment.domain.payment import Payment
from services.payment.use_cases.ports import (
    Background,
    PaymentProvider,
    PaymentReader,
    ProviderDownError,
    ProviderRefusedError,
    Transactions,
)


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Make it durable that the capture is sent, then send it.

    The proof that the money is taken is the provider's signed notification or its answer to a
    question, never the answer to the capture itself: until then the payment is CAPTURING, and
    the worker asks.
    """

    transactions: Transactions
    reader: PaymentReader
    provider: PaymentProvider
    background: Background
    max_wait_s: float = 2.0

    async def __call__(self, owner: str, reference_id: UUID, number: int) -> Payment:
        async with self.transactions() as tx:
            payment, is_tombstone, now = await tx.payments.lock(owner, reference_id)
            if is_tombstone:
                raise PaymentNotAuthorizedError(reference_id, number)
            if payment is None:
                raise PaymentNotFoundError(reference_id)
            must_send = payment.send_capture(number, now)
            await tx.payments.save(payment)
            await tx.commit()
        if not must_send:
            return payment
        return await self._send(payment, number)

    async def _send(self, payment: Payment, number: int) -> Payment:
        attempt = payment.attempts[number]
        key = f"capture:{payment.id}:{number}"

        async def send() -> None:
            try:
                await self.provider.capture_order(attempt.pos_id, attempt.provider_order_id or "")
            except (ProviderDownError, ProviderRefusedError):
                # Done or not, or done before: only asking the provider can tell.
                return

        self.background.start(key, send)
        await self.background.wait_for(key, self.max_wait_s)
        return await self.reader.find_by_id(payment.id) or payment
