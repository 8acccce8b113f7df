"""Shows films to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import film_messages
from services.catalog.use_cases.get_film import GetFilm
from services.catalog.use_cases.list_films import ListFilms
from services.common import ids
from services.common.rpc.paging import PageTokens, page_size_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeFilms(ProgrammeServiceServicer):
    """The calls about films."""

    list_films: ListFilms
    get_film: GetFilm
    page_tokens: PageTokens

    async def ListFilms(
        self, request: pb.ListFilmsRequest, context: Context[Any, Any]
    ) -> pb.ListFilmsResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (str(keyset[0]), UUID(str(keyset[1]))) if keyset else None
        wanted = film_messages.film_filter_of(request)
        films = await self.list_films(wanted, after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(
            films, page_size, lambda last: [last.film.title, str(last.film.id)], request
        )
        return pb.ListFilmsResponse(
            films=[film_messages.shown_film_to_proto(film) for film in page],
            next_page_token=next_page_token,
        )

    async def GetFilm(
        self, request: pb.GetFilmRequest, context: Context[Any, Any]
    ) -> pb.GetFilmResponse:
        del context
        film = await self.get_film(ids.parse(request.film_id))
        return pb.GetFilmResponse(film=film_messages.shown_film_to_proto(film))
