"""ScreeningImpactService: catalog asks whom a change touches, and says what is off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
from cinema.booking.v1 import screening_impact_service_pb2 as pb
from cinema.booking.v1.screening_impact_service_pb2_grpc import ScreeningImpactServiceServicer

from services.booking.use_cases.get_order_counts import GetOrderCounts
from services.booking.use_cases.stop_sales import StopSales
from services.common import ids

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class ScreeningImpactServicer(ScreeningImpactServiceServicer):
    """Unpacks, calls one use case, packs."""

    get_order_counts: GetOrderCounts
    stop_sales: StopSales

    async def GetOrderCounts(
        self, request: pb.GetOrderCountsRequest, context: Context
    ) -> pb.GetOrderCountsResponse:
        del context
        counts = await self.get_order_counts(ids.parse(request.screening_id))
        return pb.GetOrderCountsResponse(
            confirmed_orders=counts.confirmed, open_orders=counts.open, tickets=counts.tickets
        )

    async def StopSales(
        self, request: pb.StopSalesRequest, context: Context
    ) -> pb.StopSalesResponse:
        del context
        await self.stop_sales(ids.parse(request.screening_id))
        return pb.StopSalesResponse()
