"""ScreeningImpactService: catalog asks whom a change touches, and says what is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import grpc
from cinema.booking.v1 import screening_impact_service_pb2 as pb
from cinema.booking.v1.screening_impact_service_pb2_grpc import ScreeningImpactServiceServicer
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan as SeatPlanMessage

from services.booking.domain.seats import SeatPlan
from services.booking.use_cases.get_move_impact import GetMoveImpact, MoveImpact
from services.booking.use_cases.get_order_counts import GetOrderCounts
from services.booking.use_cases.stop_sales import StopSales
from services.common import ids
from services.common.rpc.money import money_of

MAX_ORDERS_NAMED = 100

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class ScreeningImpactServicer(ScreeningImpactServiceServicer):
    """Unpacks, calls one use case, packs."""

    get_order_counts: GetOrderCounts
    stop_sales: StopSales
    get_move_impact: GetMoveImpact
    read_plan: Callable[[SeatPlanMessage], SeatPlan]

    async def GetOrderCounts(
        self, request: pb.GetOrderCountsRequest, context: Context
    ) -> pb.GetOrderCountsResponse:
        del context
        counts = await self.get_order_counts(ids.parse(request.screening_id))
        return pb.GetOrderCountsResponse(
            confirmed_orders=counts.confirmed, open_orders=counts.open, tickets=counts.tickets
        )

    async def GetMoveImpact(
        self, request: pb.GetMoveImpactRequest, context: Context
    ) -> pb.GetMoveImpactResponse:
        del context
        ids.parse(request.seat_plan.id, field="seat_plan.id")
        preview = await self.get_move_impact(
            ids.parse(request.screening_id),
            self.read_plan(request.seat_plan),
            {(each.ticket_type, each.area): money_of(each.price) for each in request.prices},
        )
        return _preview_to_proto(preview)

    async def StopSales(
        self, request: pb.StopSalesRequest, context: Context
    ) -> pb.StopSalesResponse:
        del context
        await self.stop_sales(ids.parse(request.screening_id))
        return pb.StopSalesResponse()


def _preview_to_proto(preview: MoveImpact) -> pb.GetMoveImpactResponse:
    move = preview.move
    if move is None:
        return pb.GetMoveImpactResponse(released_holds=preview.released_holds)
    paid = (order for order in move.orders if order.is_paid)
    return pb.GetMoveImpactResponse(
        same_seat_orders=len(move.same_seats),
        other_seat_orders=len(move.other_seats),
        unseated_orders=len(move.unseated),
        unseated_order_numbers=[order.number for order in move.unseated[:MAX_ORDERS_NAMED]],
        released_holds=preview.released_holds,
        tickets=sum(len(order.lines) for order in paid),
    )
