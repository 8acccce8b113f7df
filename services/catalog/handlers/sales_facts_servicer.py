"""Serves `SalesFactsService` to booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from cinema.catalog.v1 import sales_facts_service_pb2 as pb
from cinema.catalog.v1.sales_facts_service_pb2_grpc import SalesFactsServiceServicer

from services.catalog.handlers import facts_messages
from services.catalog.use_cases.get_sales_facts import GetSalesFacts
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.common import ids


@dataclass(frozen=True)
class SalesFactsServicer(SalesFactsServiceServicer):
    """Unpacks, calls the use case, packs."""

    get_sales_facts: GetSalesFacts
    get_seat_plan: GetSeatPlan
    sales_end_after_start: timedelta

    async def GetSalesFacts(
        self, request: pb.GetSalesFactsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetSalesFactsResponse:
        del context
        facts = await self.get_sales_facts(ids.parse(request.screening_id))
        response = facts_messages.sales_facts_to_proto(facts, self.sales_end_after_start)
        seat_plan_id = facts.screening.seat_plan_id
        if request.include_seat_plan and seat_plan_id is not None:
            response.seat_plan.MergeFromString(await self.get_seat_plan(seat_plan_id))
        return response
