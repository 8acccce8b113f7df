"""What staff do with prices, promotions and public holidays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.holidays import HolidayCalendar
from services.catalog.domain.prices import PriceList
from services.catalog.domain.promotion import Promotion
from services.catalog.handlers import (
    holiday_messages,
    price_messages,
    promotion_messages,
    requests,
)
from services.catalog.use_cases.list_promotions import ListPromotions
from services.catalog.use_cases.publish_promotion import PublishPromotion
from services.catalog.use_cases.set_holidays import SetHolidays
from services.catalog.use_cases.set_prices import SetPrices
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import PageTokens, page_size_of

Context = grpc.aio.ServicerContext
# Each may have a text of 200,000 characters, which is read for its hash.
MAX_PROMOTIONS_PER_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class AdminPrices(CatalogAdminServiceServicer):
    """The calls about prices and what they depend on."""

    set_prices: SetPrices
    set_holidays: SetHolidays
    publish_promotion: PublishPromotion
    list_promotions: ListPromotions
    page_tokens: PageTokens

    async def SetPrices(
        self, request: pb.SetPricesRequest, context: Context[Any, Any]
    ) -> pb.SetPricesResponse:
        del context

        def pack(price_list: PriceList) -> pb.SetPricesResponse:
            return pb.SetPricesResponse(price_list=price_messages.price_list_to_proto(price_list))

        key = request_key(request, pack)
        price_list = await self.set_prices(
            key, requests.staff_of_call(), price_messages.prices_of(request.price_list)
        )
        return cast("pb.SetPricesResponse", answer_of(key, price_list))

    async def SetHolidays(
        self, request: pb.SetHolidaysRequest, context: Context[Any, Any]
    ) -> pb.SetHolidaysResponse:
        del context

        def pack(calendar: HolidayCalendar) -> pb.SetHolidaysResponse:
            return pb.SetHolidaysResponse(holidays=holiday_messages.holidays_to_proto(calendar))

        key = request_key(request, pack)
        calendar = await self.set_holidays(
            key, requests.staff_of_call(), holiday_messages.calendar_of(request)
        )
        return cast("pb.SetHolidaysResponse", answer_of(key, calendar))

    async def PublishPromotion(
        self, request: pb.PublishPromotionRequest, context: Context[Any, Any]
    ) -> pb.PublishPromotionResponse:
        del context

        def pack(promotion: Promotion) -> pb.PublishPromotionResponse:
            return pb.PublishPromotionResponse(
                promotion=promotion_messages.promotion_to_proto(promotion)
            )

        key = request_key(request, pack)
        promotion = await self.publish_promotion(
            key, requests.staff_of_call(), promotion_messages.promotion_of(request.promotion)
        )
        return cast("pb.PublishPromotionResponse", answer_of(key, promotion))

    async def ListPromotions(
        self, request: pb.ListPromotionsRequest, context: Context[Any, Any]
    ) -> pb.ListPromotionsResponse:
        del context
        page_size = page_size_of(
            request.page_size, default=MAX_PROMOTIONS_PER_PAGE, largest=MAX_PROMOTIONS_PER_PAGE
        )
        keyset = self.page_tokens.open(request.page_token, request)
        after = (str(keyset[0]), int(keyset[1] or 0)) if keyset else None
        promotions = await self.list_promotions(request.policy_code, after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(
            promotions, page_size, lambda last: [last.terms.code, last.number], request
        )
        response = pb.ListPromotionsResponse(
            promotions=[promotion_messages.promotion_to_proto(promotion) for promotion in page],
            next_page_token=next_page_token,
        )
        for promotion in response.promotions:
            promotion.regulations.ClearField("text")
        return response
