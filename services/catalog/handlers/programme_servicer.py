"""Serves `ProgrammeService`: the programme, to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import converters, requests
from services.catalog.handlers.seat_plan_answers import seat_plan_answer
from services.catalog.use_cases.get_cinema import GetCinema
from services.catalog.use_cases.get_screening import GetScreening
from services.catalog.use_cases.get_seat_plan import GetSeatPlan
from services.catalog.use_cases.get_terms import GetTerms
from services.catalog.use_cases.list_cinemas import ListCinemas
from services.catalog.use_cases.list_screenings import ListScreenings
from services.catalog.use_cases.quote_prices import QuotePrices
from services.common import ids
from services.common.rpc.paging import PageTokens, page_size_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True)
class ProgrammeServicer(ProgrammeServiceServicer):
    """Unpacks, calls one use case, packs."""

    list_cinemas: ListCinemas
    get_cinema: GetCinema
    list_screenings: ListScreenings
    get_screening: GetScreening
    get_seat_plan: GetSeatPlan
    quote_prices: QuotePrices
    get_terms: GetTerms
    page_tokens: PageTokens
    sales_end_after_start: timedelta

    async def ListCinemas(
        self, request: pb.ListCinemasRequest, context: Context[Any, Any]
    ) -> pb.ListCinemasResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (str(keyset[0]), str(keyset[1])) if keyset else None
        # One more than asked for tells whether there is another page.
        cinemas = await self.list_cinemas(after, page_size + 1)
        page = cinemas[:page_size]
        response = pb.ListCinemasResponse(
            cinemas=[converters.cinema_to_proto(cinema) for cinema in page]
        )
        if len(cinemas) > page_size:
            response.next_page_token = self.page_tokens.seal([page[-1].name, page[-1].id], request)
        return response

    async def GetCinema(
        self, request: pb.GetCinemaRequest, context: Context[Any, Any]
    ) -> pb.GetCinemaResponse:
        del context
        cinema = await self.get_cinema(request.cinema_id)
        return pb.GetCinemaResponse(cinema=converters.cinema_to_proto(cinema))

    async def ListScreenings(
        self, request: pb.ListScreeningsRequest, context: Context[Any, Any]
    ) -> pb.ListScreeningsResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1]))) if keyset else None
        wanted = requests.screening_filter_of(request)
        screenings = await self.list_screenings(wanted, after, page_size + 1)
        page = screenings[:page_size]
        response = pb.ListScreeningsResponse(
            screenings=[
                converters.screening_to_proto(screening, self.sales_end_after_start)
                for screening in page
            ]
        )
        if len(screenings) > page_size:
            last = page[-1]
            response.next_page_token = self.page_tokens.seal(
                [last.starts_at.isoformat(), str(last.id)], request
            )
        return response

    async def GetScreening(
        self, request: pb.GetScreeningRequest, context: Context[Any, Any]
    ) -> pb.GetScreeningResponse:
        del context
        screening = await self.get_screening(ids.parse(request.screening_id))
        return pb.GetScreeningResponse(
            screening=converters.screening_to_proto(screening, self.sales_end_after_start)
        )

    async def GetSeatPlan(
        self, request: pb.GetSeatPlanRequest, context: Context[Any, Any]
    ) -> pb.GetSeatPlanResponse:
        del context
        return seat_plan_answer(await self.get_seat_plan(ids.parse(request.seat_plan_id)))

    async def QuotePrices(
        self, request: pb.QuotePricesRequest, context: Context[Any, Any]
    ) -> pb.QuotePricesResponse:
        del context
        quotes, price_version = await self.quote_prices(ids.parse(request.screening_id))
        return pb.QuotePricesResponse(
            quotes=[converters.quote_to_proto(quote) for quote in quotes],
            price_version=str(price_version),
        )

    async def GetTerms(
        self, request: pb.GetTermsRequest, context: Context[Any, Any]
    ) -> pb.GetTermsResponse:
        del context
        terms = await self.get_terms(request.policy_code, request.otc_version)
        return pb.GetTermsResponse(terms=converters.terms_to_proto(terms))
