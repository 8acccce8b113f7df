"""Give a payment up."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState
from services.payment.use_cases.ports import Background, Transactions
from services.payment.use_cases.resolve_attempt import ResolveAttempt


@dataclass(frozen=True, slots=True)
class CancelPayment:
    """Cancel what can still be cancelled; the provider is told in the background.

    An unknown reference leaves a tombstone, and None is returned for it.
    """

    transactions: Transactions
    resolve: ResolveAttempt
    background: Background

    async def __call__(self, owner: str, reference_id: UUID) -> Payment | None:
        async with self.transactions() as tx:
            payment, is_tombstone, now = await tx.payments.lock(owner, reference_id)
            if payment is None and not is_tombstone:
                if await tx.payments.add_tombstone(owner, reference_id):
                    await tx.commit()
                    return None
                payment, is_tombstone, now = await tx.payments.lock(owner, reference_id)
            if payment is None:
                return None
            if payment.cancel(now):
                await tx.payments.save(payment)
                await tx.commit()
        for attempt in payment.attempts.values():
            if attempt.state is AttemptState.CANCELLING:
                key = f"resolve:{payment.id}:{attempt.number}"
                self.background.start(
                    key, partial(self.resolve.quietly, payment.id, attempt.number)
                )
        return payment
