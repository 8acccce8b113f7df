"""Tell how a payment changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.refund import Refund
from services.payment.use_cases.get_payment import GetPayment


@dataclass(frozen=True, slots=True)
class WatchPayment:
    """Give the payment now, and again each time it has changed. Raises PAYMENT_NOT_FOUND.

    The truth is looked at every `interval_ms`: a watcher can be late, never wrong.
    """

    get_payment: GetPayment
    interval_ms: int = 500

    async def __call__(
        self, owner: str | None, reference_id: UUID
    ) -> AsyncIterator[tuple[Payment, Sequence[Refund]]]:
        told: tuple[int, tuple[str, ...]] | None = None
        while True:
            payment = await self.get_payment(owner, reference_id)
            refunds = await self.get_payment.refunds_of(payment)
            seen = payment.version, tuple(f"{each.state}{each.round}" for each in refunds)
            if seen != told:
                told = seen
                yield payment, refunds
            await asyncio.sleep(self.interval_ms / 1_000)
