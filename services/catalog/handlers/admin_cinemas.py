"""What staff do with cinemas and halls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.cinema import Cinema, Hall
from services.catalog.handlers import cinema_messages, requests
from services.catalog.use_cases.create_cinema import CreateCinema
from services.catalog.use_cases.create_hall import CreateHall
from services.catalog.use_cases.update_cinema import UpdateCinema
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminCinemas(CatalogAdminServiceServicer):
    """The calls about cinemas and halls."""

    create_cinema: CreateCinema
    update_cinema: UpdateCinema
    create_hall: CreateHall

    async def CreateCinema(
        self, request: pb.CreateCinemaRequest, context: Context[Any, Any]
    ) -> pb.CreateCinemaResponse:
        del context

        def pack(cinema: Cinema) -> pb.CreateCinemaResponse:
            return pb.CreateCinemaResponse(cinema=cinema_messages.cinema_to_proto(cinema))

        key = request_key(request, pack)
        cinema = await self.create_cinema(
            key,
            requests.staff_of_call(),
            cinema_messages.cinema_of(request.cinema),
            cinema_messages.rules_of(request.import_profile, request.cinema),
        )
        return cast("pb.CreateCinemaResponse", answer_of(key, cinema))

    async def UpdateCinema(
        self, request: pb.UpdateCinemaRequest, context: Context[Any, Any]
    ) -> pb.UpdateCinemaResponse:
        del context

        def pack(cinema: Cinema) -> pb.UpdateCinemaResponse:
            return pb.UpdateCinemaResponse(cinema=cinema_messages.cinema_to_proto(cinema))

        key = request_key(request, pack)
        cinema = await self.update_cinema(
            key,
            requests.staff_of_call(),
            request.cinema.id,
            request.cinema.etag,
            cinema_messages.cinema_changes_of(request),
        )
        return cast("pb.UpdateCinemaResponse", answer_of(key, cinema))

    async def CreateHall(
        self, request: pb.CreateHallRequest, context: Context[Any, Any]
    ) -> pb.CreateHallResponse:
        del context

        def pack(hall: Hall) -> pb.CreateHallResponse:
            return pb.CreateHallResponse(hall=cinema_messages.hall_to_proto(hall))

        key = request_key(request, pack)
        hall = await self.create_hall(
            key, requests.staff_of_call(), request.cinema_id, request.name, tuple(request.formats)
        )
        return cast("pb.CreateHallResponse", answer_of(key, hall))
