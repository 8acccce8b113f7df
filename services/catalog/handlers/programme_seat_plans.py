"""Shows seat plans to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers.seat_plan_answers import seat_plan_answer
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.common import ids

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeSeatPlans(ProgrammeServiceServicer):
    """The calls about seat plans."""

    get_seat_plan: GetSeatPlan

    async def GetSeatPlan(
        self, request: pb.GetSeatPlanRequest, context: Context[Any, Any]
    ) -> pb.GetSeatPlanResponse:
        del context
        return seat_plan_answer(await self.get_seat_plan(ids.parse(request.seat_plan_id)))
