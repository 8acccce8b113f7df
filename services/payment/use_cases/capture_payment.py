"""Take the authorised money."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.errors import PaymentNotAuthorizedError, PaymentNotFoundError
from services.payment.domain.payment import Payment
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.ports import (
    Background,
    Locked,
    PaymentProvider,
    ProviderDownError,
    ProviderRefusedError,
)


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Make it durable that the capture is sent, then send it.

    The proof that the money is taken is the provider's signed notification or its answer to a
    question, never the answer to the capture itself: until then the payment is CAPTURING, and
    the worker asks.
    """

    changes: PaymentChanges
    provider: PaymentProvider
    background: Background
    max_wait_s: float = 2.0

    async def __call__(self, owner: str, reference_id: UUID, number: int) -> Payment:
        must_send = False

        def send(found: Locked) -> Payment:
            nonlocal must_send
            if found.is_tombstone:
                raise PaymentNotAuthorizedError(reference_id, number)
            if found.payment is None:
                raise PaymentNotFoundError(reference_id)
            must_send = found.payment.send_capture(number, found.now)
            return found.payment

        payment = await self.changes.by_reference(owner, reference_id, send)
        if payment is None:
            raise PaymentNotFoundError(reference_id)
        if must_send:
            await self._send(payment, number)
        return payment

    async def _send(self, payment: Payment, number: int) -> None:
        key = f"capture:{payment.id}:{number}"
        self.background.start(key, partial(tell_provider, self.provider, payment.attempts[number]))
        await self.background.wait_for(key, self.max_wait_s)


async def tell_provider(provider: PaymentProvider, attempt: PaymentAttempt) -> None:
    """Send a capture that is durable already."""
    # Done or not, or done before: only asking the provider can tell.
    with suppress(ProviderDownError, ProviderRefusedError):
        await provider.capture_order(attempt.pos_id, attempt.provider_order_id or "")
