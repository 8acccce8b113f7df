"""Booking as catalog sees it: counts that a test sets, and what it was told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from cinema.booking.v1 import screening_impact_service_pb2 as pb
from cinema.booking.v1.screening_impact_service_pb2_grpc import (
    ScreeningImpactServiceServicer,
    add_ScreeningImpactServiceServicer_to_server,
)


@dataclass
class FakeBooking(ScreeningImpactServiceServicer):
    """Keeps the promise of ScreeningImpactService; `away` makes it fall silent."""

    address: str = ""
    away: bool = False
    counts: pb.GetOrderCountsResponse = field(default_factory=pb.GetOrderCountsResponse)
    preview: pb.GetMoveImpactResponse = field(default_factory=pb.GetMoveImpactResponse)
    previewed: list[pb.GetMoveImpactRequest] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    async def GetOrderCounts(  # noqa: N802 - the contract's name
        self, request: pb.GetOrderCountsRequest, context: Any
    ) -> pb.GetOrderCountsResponse:
        del request
        await self._answers(context)
        return self.counts

    async def GetMoveImpact(  # noqa: N802 - the contract's name
        self, request: pb.GetMoveImpactRequest, context: Any
    ) -> pb.GetMoveImpactResponse:
        await self._answers(context)
        self.previewed.append(request)
        return self.preview

    async def StopSales(  # noqa: N802 - the contract's name
        self, request: pb.StopSalesRequest, context: Any
    ) -> pb.StopSalesResponse:
        await self._answers(context)
        self.stopped.append(request.screening_id)
        return pb.StopSalesResponse()

    async def _answers(self, context: Any) -> None:
        if self.away:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "")


@asynccontextmanager
async def fake_booking() -> AsyncIterator[FakeBooking]:
    """Serve it on a free port."""
    booking = FakeBooking()
    server = grpc.aio.server()
    add_ScreeningImpactServiceServicer_to_server(booking, server)
    booking.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield booking
    await server.stop(None)
