"""Asks booking whom a change touches, and tells it at once what is off."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import grpc
from cinema.booking.v1.screening_impact_service_pb2 import (
    AreaPrice,
    GetMoveImpactRequest,
    GetOrderCountsRequest,
    StopSalesRequest,
)
from cinema.booking.v1.screening_impact_service_pb2_grpc import ScreeningImpactServiceStub
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan

from services.catalog.domain.quotes import Quote
from services.catalog.domain.screening_change import Impact
from services.common.errors import DependencyUnavailableError, DomainError
from services.common.ids import new_id
from services.common.logging import get_logger
from services.common.rpc.client import Peer
from services.common.rpc.money import money_to_proto

BOOKING = "booking"
BOOKING_SERVICES = ("cinema.booking.v1.ScreeningImpactService",)

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BookingClient:
    """The port `ScreeningOrders` on booking's ScreeningImpactService."""

    peer: Peer
    call_timeout_ms: int

    async def count(self, screening_id: UUID) -> Impact:
        stub = self.peer.stub(ScreeningImpactServiceStub)
        request = GetOrderCountsRequest(screening_id=str(screening_id))
        try:
            counts = await stub.GetOrderCounts(request, timeout=self._timeout_s())
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(BOOKING) from error
        return Impact(counts.confirmed_orders + counts.open_orders, counts.tickets)

    async def get_move_impact(
        self, screening_id: UUID, packed_plan: bytes, quotes: Sequence[Quote]
    ) -> Impact:
        stub = self.peer.stub(ScreeningImpactServiceStub)
        request = GetMoveImpactRequest(
            screening_id=str(screening_id),
            seat_plan=SeatPlan.FromString(packed_plan),
            prices=[
                AreaPrice(
                    ticket_type=quote.ticket_type.code,
                    area=quote.area,
                    price=money_to_proto(quote.price),
                )
                for quote in quotes
            ],
        )
        try:
            told = await stub.GetMoveImpact(request, timeout=self._timeout_s())
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(BOOKING) from error
        return Impact(
            orders=told.same_seat_orders + told.other_seat_orders + told.unseated_orders,
            tickets=told.tickets,
            same_seat_orders=told.same_seat_orders,
            other_seat_orders=told.other_seat_orders,
            unseated_orders=told.unseated_orders,
            unseated_order_numbers=tuple(told.unseated_order_numbers),
            released_holds=told.released_holds,
        )

    async def stop_sales(self, screening_id: UUID) -> None:
        stub = self.peer.stub(ScreeningImpactServiceStub)
        request = StopSalesRequest(screening_id=str(screening_id), request_id=str(new_id()))
        try:
            await stub.StopSales(request, timeout=self._timeout_s())
        except (DomainError, grpc.aio.AioRpcError) as error:
            # What is committed stays so; the event will say the same.
            _log.warning(
                "stop_sales_not_told", screening_id=str(screening_id), error=type(error).__name__
            )

    def _timeout_s(self) -> float:
        return self.call_timeout_ms / 1_000
