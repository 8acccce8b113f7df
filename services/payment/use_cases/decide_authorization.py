"""Ask the owner of a purchase about an authorised attempt, and keep what it says."""

from dataclasses import dataclass
from uuid import UUID

from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, Decision
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.ports import Locked, Owners, Verdict


@dataclass(frozen=True, slots=True)
class DecideAuthorization:
    """Ask and store. Raises OwnerUnavailableError; the worker asks again then."""

    changes: PaymentChanges
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
        def keep(found: Locked) -> Payment | None:
            if found.payment is not None:
                found.payment.decide(number, verdict.decision, verdict.refusal_reason, found.now)
            return found.payment

        # A lost grant is asked for again, and no capture is durable without it: commits are
        # flushed in order.
        is_grant = verdict.decision is Decision.GRANT
        return await self.changes.by_id(payment_id, keep, may_be_lost=is_grant)
