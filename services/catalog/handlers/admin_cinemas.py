"""What staff do with cinemas and halls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.cinema import Cinema
from services.catalog.handlers import cinema_messages, requests
from services.catalog.use_cases.create_cinema import CreateCinema
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminCinemas(CatalogAdminServiceServicer):
    """The calls about cinemas and halls."""

    create_cinema: CreateCinema

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
