"""What staff do with seat plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import seat_plan_pb2
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.handlers import cinema_messages, requests, seat_plan_messages
from services.catalog.use_cases.publish_seat_plan import (
    NewPlan,
    PublishedPlan,
    PublishSeatPlan,
)
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminSeatPlans(CatalogAdminServiceServicer):
    """The calls about seat plans."""

    publish_seat_plan: PublishSeatPlan

    async def PublishSeatPlan(
        self, request: pb.PublishSeatPlanRequest, context: Context[Any, Any]
    ) -> pb.PublishSeatPlanResponse:
        del context

        def pack(published: PublishedPlan) -> pb.PublishSeatPlanResponse:
            return pb.PublishSeatPlanResponse(
                hall=cinema_messages.hall_to_proto(published.hall),
                seat_plan=seat_plan_pb2.SeatPlan.FromString(published.packed_plan),
            )

        key = request_key(request, pack)
        published = await self.publish_seat_plan(
            key,
            requests.staff_of_call(),
            NewPlan(
                request.cinema_id,
                request.hall_name,
                seat_plan_messages.seat_plan_of(request.seat_plan),
                requests.optional_moment_of(request, "effective_time"),
                at="seat_plan.",
            ),
        )
        return cast("pb.PublishSeatPlanResponse", answer_of(key, published))
