"""PaymentDecisionService: payment asks whether it may capture."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.booking.use_cases.decide_authorization import DecideAuthorization
from services.common.money import Money
from services.common.rpc.payment_decisions import Decided, PaymentDecisions


@dataclass(frozen=True)
class PaymentDecisionServicer(PaymentDecisions):
    """Of orders."""

    decide_authorization: DecideAuthorization

    async def decide(self, reference_id: UUID, attempt: int, amount: Money) -> Decided:
        verdict = await self.decide_authorization(reference_id, attempt, amount)
        return Decided(verdict.decision.refusal, verdict.capture_now)
