"""Serves `CatalogAdminService`: what staff do with the programme."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1 import seat_plan_pb2
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.cinema import Cinema
from services.catalog.domain.import_report import ImportSummary
from services.catalog.domain.prices import PriceList
from services.catalog.domain.screening import Screening
from services.catalog.domain.terms import Terms
from services.catalog.handlers import converters, requests
from services.catalog.handlers.admin_limits import AdminLimits
from services.catalog.handlers.upload import read_header, receive
from services.catalog.use_cases.create_cinema import CreateCinema
from services.catalog.use_cases.import_programme import ImportProgramme
from services.catalog.use_cases.publish_seat_plan import PublishedPlan, PublishSeatPlan
from services.catalog.use_cases.publish_terms import PublishTerms
from services.catalog.use_cases.set_prices import SetPrices
from services.catalog.use_cases.terminate_screening import TerminateScreening, Termination
from services.common import ids
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.load_limit import LoadLimit

Context = grpc.aio.ServicerContext


@dataclass(frozen=True)
class CatalogAdminServicer(CatalogAdminServiceServicer):
    """Unpacks, calls one use case, packs. Answers are bytes: those that are kept for a repeat."""

    create_cinema: CreateCinema
    publish_seat_plan: PublishSeatPlan
    set_prices: SetPrices
    publish_terms: PublishTerms
    import_programme: ImportProgramme
    terminate_screening: TerminateScreening
    limits: AdminLimits
    imports: LoadLimit = field(init=False)

    def __post_init__(self) -> None:
        limit = LoadLimit(
            max_in_flight_calls=self.limits.max_concurrent_imports,
            max_queued_calls=self.limits.max_queued_imports,
            max_queue_wait_ms=self.limits.max_import_wait_ms,
        )
        object.__setattr__(self, "imports", limit)

    async def CreateCinema(
        self, request: pb.CreateCinemaRequest, context: Context[Any, Any]
    ) -> pb.CreateCinemaResponse:
        del context

        def pack(cinema: Cinema) -> pb.CreateCinemaResponse:
            return pb.CreateCinemaResponse(cinema=converters.cinema_to_proto(cinema))

        key = request_key(request, pack)
        cinema = await self.create_cinema(
            key,
            requests.staff_of_call(),
            requests.cinema_of(request.cinema),
            requests.rules_of(request.import_profile, request.cinema),
        )
        return cast("pb.CreateCinemaResponse", answer_of(key, cinema))

    async def PublishSeatPlan(
        self, request: pb.PublishSeatPlanRequest, context: Context[Any, Any]
    ) -> pb.PublishSeatPlanResponse:
        del context

        def pack(published: PublishedPlan) -> pb.PublishSeatPlanResponse:
            return pb.PublishSeatPlanResponse(
                hall=converters.hall_to_proto(published.hall),
                seat_plan=seat_plan_pb2.SeatPlan.FromString(published.packed_plan),
            )

        key = request_key(request, pack)
        published = await self.publish_seat_plan(
            key,
            requests.staff_of_call(),
            request.cinema_id,
            request.hall_name,
            requests.seat_plan_of(request.seat_plan),
        )
        return cast("pb.PublishSeatPlanResponse", answer_of(key, published))

    async def SetPrices(
        self, request: pb.SetPricesRequest, context: Context[Any, Any]
    ) -> pb.SetPricesResponse:
        del context

        def pack(price_list: PriceList) -> pb.SetPricesResponse:
            return pb.SetPricesResponse(price_list=converters.price_list_to_proto(price_list))

        key = request_key(request, pack)
        price_list = await self.set_prices(
            key, requests.staff_of_call(), requests.prices_of(request.price_list)
        )
        return cast("pb.SetPricesResponse", answer_of(key, price_list))

    async def PublishTerms(
        self, request: pb.PublishTermsRequest, context: Context[Any, Any]
    ) -> pb.PublishTermsResponse:
        del context

        def pack(terms: Terms) -> pb.PublishTermsResponse:
            return pb.PublishTermsResponse(terms=converters.terms_to_proto(terms))

        key = request_key(request, pack)
        terms = await self.publish_terms(
            key, requests.staff_of_call(), requests.terms_of(request.terms)
        )
        return cast("pb.PublishTermsResponse", answer_of(key, terms))

    async def ImportProgramme(
        self,
        request_iterator: AsyncIterator[pb.ImportProgrammeRequest],
        context: Context[Any, Any],
    ) -> AsyncIterator[pb.ImportProgrammeResponse]:
        del context
        staff = requests.staff_of_call()
        messages = aiter(request_iterator)
        header = await read_header(messages)
        staff.must_act_for(header.cinema_id)

        def pack(summary: ImportSummary) -> pb.ImportProgrammeResponse:
            return pb.ImportProgrammeResponse(summary=converters.summary_to_proto(summary))

        key = request_key(header, pack)
        await self.imports.enter()
        try:
            upload = await receive(messages, max_feed_bytes=self.limits.max_feed_bytes)
            with upload.file:
                fingerprint = hashlib.sha256(key.fingerprint + upload.sha256).digest()
                key = replace(key, fingerprint=fingerprint)
                report = await self.import_programme(key, staff, header.cinema_id, upload.pieces)
        finally:
            self.imports.leave()
        for row in report.refused:
            yield pb.ImportProgrammeResponse(problem=converters.problem_to_proto(row))
        yield pack(report.summary)

    async def TerminateScreening(
        self, request: pb.TerminateScreeningRequest, context: Context[Any, Any]
    ) -> pb.TerminateScreeningResponse:
        del context

        def pack(screening: Screening) -> pb.TerminateScreeningResponse:
            return pb.TerminateScreeningResponse(
                screening=converters.screening_to_proto(
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
