"""Ask the owner of a purchase about an authorised attempt, and keep what it says."""

from dataclasses import dataclass
from typing import NamedTuple

from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, Decision
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.ports import Locked, Owners, Verdict


class Decided(NamedTuple):
    """The payment with the decision; `must_capture`: the provider is to be told now."""

    payment: Payment
    must_capture: bool


@dataclass(frozen=True, slots=True)
class DecideAuthorization:
    """Ask and store. Raises OwnerUnavailableError; the worker asks again then.

    A grant that nothing else is to be captured before makes it durable, together with itself,
    that the capture is sent.
    """

    changes: PaymentChanges
    owners: Owners

    async def __call__(self, payment: Payment, number: int) -> Decided | None:
        """Return the payment with the decision, or None when there was nothing to decide."""
        attempt = payment.attempts[number]
        if attempt.state is not AttemptState.AUTHORIZED or attempt.decision is not None:
            return None
        verdict = await self.owners.decide(
            payment.owner, payment.reference_id, number, payment.amount
        )
        return await self._store(payment, number, verdict)

    async def _store(self, payment: Payment, number: int, verdict: Verdict) -> Decided | None:
        must_capture = False

        def keep(found: Locked) -> Payment | None:
            nonlocal must_capture
            must_capture = False
            if found.payment is not None:
                found.payment.decide(number, verdict.decision, verdict.refusal_reason, found.now)
                if verdict.capture_now:
                    must_capture = found.payment.capture_granted(number, found.now)
            return found.payment

        # A lost grant is asked for again, and no capture is durable without it: commits are
        # flushed in order.
        may_be_lost = verdict.decision is Decision.GRANT and not verdict.capture_now
        decided = await self.changes.following(payment, keep, may_be_lost=may_be_lost)
        return None if decided is None else Decided(decided, must_capture)
