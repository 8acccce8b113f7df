"""Shows screenings to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.domain.listing import ListedScreening
from services.catalog.handlers import screening_messages
from services.catalog.handlers.listing_answers import listing_answer
from services.catalog.use_cases.get_screening import GetScreening
from services.catalog.use_cases.list_screenings import ListScreenings
from services.common import ids
from services.common.rpc.paging import Keyset, PageTokens, page_size_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeScreenings(ProgrammeServiceServicer):
    """The calls about screenings."""

    list_screenings: ListScreenings
    get_screening: GetScreening
    page_tokens: PageTokens
    sales_end_after_start: timedelta

    async def ListScreenings(
        self, request: pb.ListScreeningsRequest, context: Context[Any, Any]
    ) -> pb.ListScreeningsResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1]))) if keyset else None
        wanted = screening_messages.screening_filter_of(request)
        listed = await self.list_screenings(wanted, after, page_size + 1)
        return listing_answer(*self.page_tokens.cut(listed, page_size, _keyset_of, request))

    async def GetScreening(
        self, request: pb.GetScreeningRequest, context: Context[Any, Any]
    ) -> pb.GetScreeningResponse:
        del context
        screening = await self.get_screening(ids.parse(request.screening_id))
        return pb.GetScreeningResponse(
            screening=screening_messages.screening_to_proto(screening, self.sales_end_after_start)
        )


def _keyset_of(listed: ListedScreening) -> Keyset:
    starts_at, screening_id = listed.place
    return [starts_at.isoformat(), str(screening_id)]
