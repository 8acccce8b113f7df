"""LegDecisionService: the wallet asks what became of a leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from cinema.booking.v1 import leg_decision_service_pb2 as pb
from cinema.booking.v1.leg_decision_service_pb2_grpc import LegDecisionServiceServicer

from services.booking.use_cases.get_leg_decision import GetLegDecision, LegWord

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class LegDecisionServicer(LegDecisionServiceServicer):
    """One use case."""

    get_leg_decision: GetLegDecision

    async def GetLegDecision(
        self, request: pb.GetLegDecisionRequest, context: Context
    ) -> pb.GetLegDecisionResponse:
        del context
        decision = await self.get_leg_decision(UUID(request.order_id), request.leg, request.attempt)
        response = pb.GetLegDecisionResponse(
            decision=pb.LegDecision.Value(f"LEG_DECISION_{decision.word}")
        )
        if decision.word is LegWord.UNDECIDED:
            response.ask_after.FromTimedelta(decision.ask_after)
        return response
