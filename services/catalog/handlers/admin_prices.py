"""What staff do with prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.prices import PriceList
from services.catalog.handlers import price_messages, requests
from services.catalog.use_cases.set_prices import SetPrices
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminPrices(CatalogAdminServiceServicer):
    """The calls about prices."""

    set_prices: SetPrices

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
