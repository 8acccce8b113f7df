"""What staff do with screenings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import screening_pb2
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.screening import Screening
from services.catalog.domain.screening_change import ChangedScreening
from services.catalog.handlers import change_messages, requests, screening_messages
from services.catalog.handlers.admin_limits import AdminLimits
from services.catalog.use_cases.cancel_screening import CancelScreening
from services.catalog.use_cases.change_screening import Order
from services.catalog.use_cases.create_screening import CreateScreening
from services.catalog.use_cases.move_screening import MoveScreening
from services.catalog.use_cases.replace_film import ReplaceFilm
from services.catalog.use_cases.reschedule_screening import RescheduleScreening
from services.catalog.use_cases.terminate_screening import TerminateScreening, Termination
from services.catalog.use_cases.update_screening import UpdateScreening
from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext
Response = TypeVar("Response")


@dataclass(frozen=True, kw_only=True)
class AdminScreenings(CatalogAdminServiceServicer):
    """The calls about screenings."""

    create_screening: CreateScreening
    update_screening: UpdateScreening
    reschedule_screening: RescheduleScreening
    replace_film: ReplaceFilm
    move_screening: MoveScreening
    cancel_screening: CancelScreening
    terminate_screening: TerminateScreening
    limits: AdminLimits

    async def CreateScreening(
        self, request: pb.CreateScreeningRequest, context: Context[Any, Any]
    ) -> pb.CreateScreeningResponse:
        del context

        def pack(created: ChangedScreening) -> pb.CreateScreeningResponse:
            return pb.CreateScreeningResponse(
                screening=self._screening(created.screening),
                warnings=[change_messages.warning_to_proto(each) for each in created.warnings],
            )

        key = request_key(request, pack)
        created = await self.create_screening(
            key, requests.staff_of_call(), change_messages.new_screening_of(request)
        )
        return cast("pb.CreateScreeningResponse", answer_of(key, created))

    async def UpdateScreening(
        self, request: pb.UpdateScreeningRequest, context: Context[Any, Any]
    ) -> pb.UpdateScreeningResponse:
        del context

        def pack(changed: ChangedScreening) -> pb.UpdateScreeningResponse:
            return pb.UpdateScreeningResponse(screening=self._screening(changed.screening))

        key = request_key(request, pack)
        changed = await self.update_screening(
            key,
            requests.staff_of_call(),
            Order(ids.parse(request.screening_id), request.etag),
            change_messages.screening_changes_of(request),
        )
        return cast("pb.UpdateScreeningResponse", answer_of(key, changed))

    async def RescheduleScreening(
        self, request: pb.RescheduleScreeningRequest, context: Context[Any, Any]
    ) -> pb.RescheduleScreeningResponse:
        del context
        key = request_key(request, self._packer(pb.RescheduleScreeningResponse))
        changed = await self.reschedule_screening(
            key,
            requests.staff_of_call(),
            change_messages.order_of(request),
            change_messages.start_of(request.start_time),
        )
        return cast("pb.RescheduleScreeningResponse", answer_of(key, changed))

    async def ReplaceFilm(
        self, request: pb.ReplaceFilmRequest, context: Context[Any, Any]
    ) -> pb.ReplaceFilmResponse:
        del context
        key = request_key(request, self._packer(pb.ReplaceFilmResponse))
        changed = await self.replace_film(
            key,
            requests.staff_of_call(),
            change_messages.order_of(request),
            ids.parse(request.film_id, field="film_id"),
            change_messages.advertising_of(request),
        )
        return cast("pb.ReplaceFilmResponse", answer_of(key, changed))

    async def MoveScreening(
        self, request: pb.MoveScreeningRequest, context: Context[Any, Any]
    ) -> pb.MoveScreeningResponse:
        del context
        key = request_key(request, self._packer(pb.MoveScreeningResponse))
        changed = await self.move_screening(
            key,
            requests.staff_of_call(),
            change_messages.order_of(request),
            ids.parse(request.hall_id, field="hall_id"),
        )
        return cast("pb.MoveScreeningResponse", answer_of(key, changed))

    async def CancelScreening(
        self, request: pb.CancelScreeningRequest, context: Context[Any, Any]
    ) -> pb.CancelScreeningResponse:
        del context
        key = request_key(request, self._packer(pb.CancelScreeningResponse))
        changed = await self.cancel_screening(
            key,
            requests.staff_of_call(),
            change_messages.order_of(request),
            change_messages.cancellation_of(request),
        )
        return cast("pb.CancelScreeningResponse", answer_of(key, changed))

    async def TerminateScreening(
        self, request: pb.TerminateScreeningRequest, context: Context[Any, Any]
    ) -> pb.TerminateScreeningResponse:
        del context
        key = request_key(request, self._packer(pb.TerminateScreeningResponse))
        changed = await self.terminate_screening(
            key,
            requests.staff_of_call(),
            change_messages.order_of(request),
            Termination(request.reason, request.attributable),
        )
        return cast("pb.TerminateScreeningResponse", answer_of(key, changed))

    def _screening(self, screening: Screening) -> screening_pb2.Screening:
        return screening_messages.screening_to_proto(screening, self.limits.sales_end_after_start)

    def _packer(
        self, response_type: Callable[..., Response]
    ) -> Callable[[ChangedScreening], Response]:
        """Pack a change; only moves of hall or time have warnings."""

        def pack(changed: ChangedScreening) -> Response:
            warnings = [change_messages.warning_to_proto(each) for each in changed.warnings]
            return response_type(
                screening=self._screening(changed.screening),
                impact=change_messages.impact_to_proto(changed.impact),
                **({"warnings": warnings} if warnings else {}),
            )

        return pack
