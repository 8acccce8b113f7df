"""What staff do with seat plans."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import seat_plan_import_pb2, seat_plan_pb2
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.seat_plan_drawing import draw_seat_plan
from services.catalog.handlers import (
    cinema_messages,
    requests,
    seat_plan_import_messages,
    seat_plan_messages,
)
from services.catalog.handlers.upload import read_first, receive
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.catalog.use_cases.import_seat_plan import ImportSeatPlan
from services.catalog.use_cases.preview_seat_plan import PreviewSeatPlan
from services.catalog.use_cases.publish_seat_plan import (
    NewPlan,
    PublishedPlan,
    PublishSeatPlan,
)
from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.load_limit import LoadLimit
from services.common.rpc.times import optional_moment_of

MAX_SEAT_PLAN_BYTES = 16 * 1024 * 1024
MAX_CONCURRENT_PLAN_IMPORTS = 2
MAX_QUEUED_PLAN_IMPORTS = 16
MAX_PLAN_IMPORT_WAIT_MS = 10_000

Context = grpc.aio.ServicerContext


def _plan_imports() -> LoadLimit:
    return LoadLimit(
        max_in_flight_calls=MAX_CONCURRENT_PLAN_IMPORTS,
        max_queued_calls=MAX_QUEUED_PLAN_IMPORTS,
        max_queue_wait_ms=MAX_PLAN_IMPORT_WAIT_MS,
    )


@dataclass(frozen=True, kw_only=True)
class AdminSeatPlans(CatalogAdminServiceServicer):
    """The calls about seat plans."""

    publish_seat_plan: PublishSeatPlan
    import_seat_plan: ImportSeatPlan
    preview_seat_plan: PreviewSeatPlan
    get_seat_plan: GetSeatPlan
    plan_imports: LoadLimit = field(init=False, default_factory=_plan_imports)

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
                optional_moment_of(request, "effective_time"),
            ),
        )
        return cast("pb.PublishSeatPlanResponse", answer_of(key, published))

    async def ImportSeatPlan(
        self,
        request_iterator: AsyncIterator[seat_plan_import_pb2.ImportSeatPlanRequest],
        context: Context[Any, Any],
    ) -> seat_plan_import_pb2.ImportSeatPlanResponse:
        del context
        staff = requests.staff_of_call()
        messages = aiter(request_iterator)
        header = (await read_first(messages)).header
        staff.must_act_for(header.cinema_id)
        await self.plan_imports.enter()
        try:
            upload = await receive(messages, max_feed_bytes=MAX_SEAT_PLAN_BYTES)
            with upload.file:
                upload.file.seek(0)
                file = seat_plan_import_messages.file_of(header, upload.file.read())
            if header.dry_run:
                previewed = await self.preview_seat_plan(staff, file)
                return seat_plan_import_messages.previewed_to_proto(previewed)
            key = request_key(header, seat_plan_import_messages.imported_to_proto)
            fingerprint = hashlib.sha256(key.fingerprint + upload.sha256).digest()
            key = replace(key, fingerprint=fingerprint)
            imported = await self.import_seat_plan(key, staff, file)
        finally:
            self.plan_imports.leave()
        return cast("seat_plan_import_pb2.ImportSeatPlanResponse", answer_of(key, imported))

    async def GetSeatPlanDrawing(
        self,
        request: seat_plan_import_pb2.GetSeatPlanDrawingRequest,
        context: Context[Any, Any],
    ) -> seat_plan_import_pb2.GetSeatPlanDrawingResponse:
        del context
        packed = await self.get_seat_plan(ids.parse(request.seat_plan_id))
        plan = seat_plan_messages.seat_plan_of(seat_plan_pb2.SeatPlan.FromString(packed))
        return seat_plan_import_pb2.GetSeatPlanDrawingResponse(svg=draw_seat_plan(plan))
