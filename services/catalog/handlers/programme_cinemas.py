"""Shows cinemas to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import cinema_messages
from services.catalog.use_cases.get_cinema import GetCinema
from services.catalog.use_cases.list_cinemas import ListCinemas
from services.catalog.use_cases.list_halls import ListHalls
from services.common.rpc.paging import PageTokens, page_size_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeCinemas(ProgrammeServiceServicer):
    """The calls about cinemas."""

    list_cinemas: ListCinemas
    get_cinema: GetCinema
    list_halls: ListHalls
    page_tokens: PageTokens

    async def ListCinemas(
        self, request: pb.ListCinemasRequest, context: Context[Any, Any]
    ) -> pb.ListCinemasResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (str(keyset[0]), str(keyset[1])) if keyset else None
        cinemas = await self.list_cinemas(after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(
            cinemas, page_size, lambda last: [last.name, last.id], request
        )
        return pb.ListCinemasResponse(
            cinemas=[cinema_messages.cinema_to_proto(cinema) for cinema in page],
            next_page_token=next_page_token,
        )

    async def GetCinema(
        self, request: pb.GetCinemaRequest, context: Context[Any, Any]
    ) -> pb.GetCinemaResponse:
        del context
        cinema = await self.get_cinema(request.cinema_id)
        return pb.GetCinemaResponse(cinema=cinema_messages.cinema_to_proto(cinema))

    async def GetContactInfo(
        self, request: pb.GetContactInfoRequest, context: Context[Any, Any]
    ) -> pb.GetContactInfoResponse:
        del context
        cinema = await self.get_cinema(request.cinema_id)
        return pb.GetContactInfoResponse(contact_info=cinema_messages.contact_info_to_proto(cinema))

    async def ListHalls(
        self, request: pb.ListHallsRequest, context: Context[Any, Any]
    ) -> pb.ListHallsResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = str(keyset[0]) if keyset else ""
        halls = await self.list_halls(request.cinema_id, after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(
            halls, page_size, lambda last: [last.name], request
        )
        return pb.ListHallsResponse(
            halls=[cinema_messages.hall_to_proto(hall) for hall in page],
            next_page_token=next_page_token,
        )
