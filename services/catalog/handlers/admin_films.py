"""What staff do with films."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.film import FilmRecord
from services.catalog.handlers import film_messages, requests
from services.catalog.use_cases.create_film import CreateFilm
from services.catalog.use_cases.update_film import UpdateFilm
from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminFilms(CatalogAdminServiceServicer):
    """The calls about films."""

    create_film: CreateFilm
    update_film: UpdateFilm

    async def CreateFilm(
        self, request: pb.CreateFilmRequest, context: Context[Any, Any]
    ) -> pb.CreateFilmResponse:
        del context

        def pack(film: FilmRecord) -> pb.CreateFilmResponse:
            return pb.CreateFilmResponse(film=film_messages.film_to_proto(film))

        key = request_key(request, pack)
        film = await self.create_film(
            key, requests.staff_of_call(), film_messages.film_of(request.film)
        )
        return cast("pb.CreateFilmResponse", answer_of(key, film))

    async def UpdateFilm(
        self, request: pb.UpdateFilmRequest, context: Context[Any, Any]
    ) -> pb.UpdateFilmResponse:
        del context

        def pack(film: FilmRecord) -> pb.UpdateFilmResponse:
            return pb.UpdateFilmResponse(film=film_messages.film_to_proto(film))

        key = request_key(request, pack)
        film = await self.update_film(
            key,
            requests.staff_of_call(),
            ids.parse(request.film.id, field="film.id"),
            request.film.etag,
            film_messages.film_changes_of(request),
        )
        return cast("pb.UpdateFilmResponse", answer_of(key, film))
