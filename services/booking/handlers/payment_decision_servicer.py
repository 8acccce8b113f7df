"""PaymentDecisionService: payment asks whether it may capture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.payment.v1 import payment_decision_service_pb2 as pb
from cinema.payment.v1.payment_decision_service_pb2_grpc import PaymentDecisionServiceServicer

from services.booking.use_cases.decide_authorization import DecideAuthorization
from services.common.rpc.money import money_of

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class PaymentDecisionServicer(PaymentDecisionServiceServicer):
    """Order and attempt are the key of a decision; the request ID adds nothing to it."""

    decide_authorization: DecideAuthorization

    async def DecideAuthorization(
        self, request: pb.DecideAuthorizationRequest, context: Context
    ) -> pb.DecideAuthorizationResponse:
        del context
        verdict = await self.decide_authorization(
            UUID(request.reference_id), request.attempt, money_of(request.amount)
        )
        refusal = verdict.decision.refusal
        if refusal is None:
            return pb.DecideAuthorizationResponse(
                decision=pb.DECISION_GRANT, capture_now=verdict.capture_now
            )
        return pb.DecideAuthorizationResponse(
            decision=pb.DECISION_REFUSE,
            refusal_reason=pb.RefusalReason.Value(f"REFUSAL_REASON_{refusal}"),
        )
