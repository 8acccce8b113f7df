"""Ask the owner of a purchase about an authorised attempt, and keep what it says."""

from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState
from services.payment.use_cases.ports import Owners, Transactions, Verdict


@dataclass(frozen=True, slots=True)
class DecideAuthorization:
    """Ask and store. Raises OwnerUnavailableError; the worker asks again then."""

    transactions: Transactions
    owners: Owners

    async def __call__(self, payment: Payment, number: int) -> Payment | None:
        """Return the payment with the decision, or None when there was nothing to decide."""
        attempt = payment.attempts[number]
        if attempt.state is not AttemptState.AUTHORIZED or attempt.decision is not None:
            return None
        verdict = await self.owners.decide(
            payment.owner, payment.reference_id, number, payment.amount
        )
        return await self._store(payment.id, number, verdict)

    async def _store(self, payment_id: UUID, number: int, verdict: Verdict) -> Payment | None:
        async with self.transactions() as tx:
            payment, _, now = await tx.payments.lock_by_id(payment_id)
            if payment is not None:
                payment.decide(number, verdict.decision, verdict.refusal_reason, now)
                await tx.payments.save(payment)
                await tx.commit()
        return payment
