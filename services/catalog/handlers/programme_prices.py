"""Shows prices to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import price_messages
from services.catalog.use_cases.quote_prices import QuotePrices
from services.common import ids

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammePrices(ProgrammeServiceServicer):
    """The calls about prices."""

    quote_prices: QuotePrices

    async def QuotePrices(
        self, request: pb.QuotePricesRequest, context: Context[Any, Any]
    ) -> pb.QuotePricesResponse:
        del context
        quotes, price_version = await self.quote_prices(ids.parse(request.screening_id))
        return pb.QuotePricesResponse(
            quotes=[price_messages.quote_to_proto(quote) for quote in quotes],
            price_version=str(price_version),
        )
