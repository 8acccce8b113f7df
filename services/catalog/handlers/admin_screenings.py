"""What staff do with screenings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.screening import Screening
from services.catalog.handlers import requests, screening_messages
from services.catalog.handlers.admin_limits import AdminLimits
from services.catalog.use_cases.terminate_screening import TerminateScreening, Termination
from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminScreenings(CatalogAdminServiceServicer):
    """The calls about screenings."""

    terminate_screening: TerminateScreening
    limits: AdminLimits

    async def TerminateScreening(
        self, request: pb.TerminateScreeningRequest, context: Context[Any, Any]
    ) -> pb.TerminateScreeningResponse:
        del context

        def pack(screening: Screening) -> pb.TerminateScreeningResponse:
            return pb.TerminateScreeningResponse(
                screening=screening_messages.screening_to_proto(
                    screening, self.limits.sales_end_after_start
                )
            )

        key = request_key(request, pack)
        screening = await self.terminate_screening(
            key,
            requests.staff_of_call(),
            Termination(
                ids.parse(request.screening_id),
                request.etag,
                request.reason,
                request.attributable,
            ),
        )
        return cast("pb.TerminateScreeningResponse", answer_of(key, screening))
