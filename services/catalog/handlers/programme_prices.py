"""Shows prices, and what they depend on, to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import holiday_messages, price_messages, promotion_messages
from services.catalog.handlers.quote_messages import quoted_prices_to_proto
from services.catalog.handlers.requests import optional_id, place_of, published_after
from services.catalog.use_cases.get_promotion_regulations import GetPromotionRegulations
from services.catalog.use_cases.list_holidays import ListHolidays
from services.catalog.use_cases.list_prices import ListPrices, PricesWanted
from services.catalog.use_cases.list_ticket_types import ListTicketTypes
from services.catalog.use_cases.quote_prices import QuotePrices
from services.common import ids
from services.common.rpc.paging import PageTokens, page_size_of
from services.common.rpc.times import moment_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammePrices(ProgrammeServiceServicer):
    """The calls about prices, promotions and public holidays."""

    quote_prices: QuotePrices
    list_prices: ListPrices
    list_ticket_types: ListTicketTypes
    list_holidays: ListHolidays
    get_promotion_regulations: GetPromotionRegulations
    page_tokens: PageTokens

    async def QuotePrices(
        self, request: pb.QuotePricesRequest, context: Context[Any, Any]
    ) -> pb.QuotePricesResponse:
        del context
        quoted = await self.quote_prices(ids.parse(request.screening_id), request.promotion_code)
        return quoted_prices_to_proto(quoted)

    async def ListPrices(
        self, request: pb.ListPricesRequest, context: Context[Any, Any]
    ) -> pb.ListPricesResponse:
        del context
        page_size = page_size_of(request.page_size)
        wanted = PricesWanted(
            cinema_id=request.cinema_id,
            version=optional_id(request.price_version, "price_version"),
            at=_optional_moment(request),
        )
        after = published_after(self.page_tokens.open(request.page_token, request))
        price_list, versions = await self.list_prices(wanted, after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(versions, page_size, place_of, request)
        response = pb.ListPricesResponse(
            versions=[price_messages.version_to_proto(version) for version in page],
            next_page_token=next_page_token,
        )
        if price_list is not None:
            response.price_list.CopyFrom(price_messages.price_list_to_proto(price_list))
        return response

    async def ListTicketTypes(
        self, request: pb.ListTicketTypesRequest, context: Context[Any, Any]
    ) -> pb.ListTicketTypesResponse:
        del context
        price_list = await self.list_ticket_types(request.cinema_id)
        if price_list is None:
            return pb.ListTicketTypesResponse()
        return pb.ListTicketTypesResponse(
            ticket_types=[
                price_messages.ticket_type_to_proto(each) for each in price_list.prices.ticket_types
            ],
            price_version=str(price_list.id),
        )

    async def ListHolidays(
        self, request: pb.ListHolidaysRequest, context: Context[Any, Any]
    ) -> pb.ListHolidaysResponse:
        del context
        calendar = await self.list_holidays(request.country_code, request.year)
        return pb.ListHolidaysResponse(holidays=holiday_messages.holidays_to_proto(calendar))

    async def GetPromotionRegulations(
        self, request: pb.GetPromotionRegulationsRequest, context: Context[Any, Any]
    ) -> pb.GetPromotionRegulationsResponse:
        del context
        promotion = await self.get_promotion_regulations(ids.parse(request.promotion_id))
        return promotion_messages.regulations_to_proto(promotion)


def _optional_moment(request: pb.ListPricesRequest) -> datetime | None:
    return moment_of(request.time, "time") if request.HasField("time") else None
