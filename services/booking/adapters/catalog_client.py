"""Asks catalog for what a sale depends on, for prices under a promotion code, for holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import grpc
from cinema.catalog.v1.programme_service_pb2 import ListHolidaysRequest, QuotePricesRequest
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceStub
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsRequest, GetSalesFactsResponse
from cinema.catalog.v1.sales_facts_service_pb2_grpc import SalesFactsServiceStub

from services.booking.adapters.facts_messages import prices_of
from services.booking.domain.errors import PromotionNotAcceptedError, ScreeningNotFoundError
from services.booking.domain.prices import PriceTable, Promotion
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer, refusal_of

CATALOG = "catalog"
NO_PRICES = "NO_PRICES"  # Catalog's reason: there is nothing to take a promotion off.
CATALOG_SERVICES = (
    "cinema.catalog.v1.SalesFactsService",
    "cinema.catalog.v1.ProgrammeService",
    "cinema.type.v1.EventFeedService",
)


@dataclass(frozen=True, slots=True)
class CatalogClient:
    """The ports `SalesFactsSource`, `Promotions` and `HolidaySource` on catalog's services."""

    peer: Peer

    async def sales_facts(
        self, screening_id: UUID, *, include_seat_plan: bool
    ) -> GetSalesFactsResponse:
        """Ask for the facts as they are now.

        SCREENING_NOT_FOUND, or DEPENDENCY_UNAVAILABLE when catalog does not answer.
        """
        stub = self.peer.stub(SalesFactsServiceStub)
        request = GetSalesFactsRequest(
            screening_id=str(screening_id), include_seat_plan=include_seat_plan
        )
        try:
            return await stub.GetSalesFacts(request)
        except grpc.aio.AioRpcError as error:
            if refusal_of(error).reason == ScreeningNotFoundError.reason:
                raise ScreeningNotFoundError(screening_id) from error
            raise DependencyUnavailableError(CATALOG) from error

    async def prices(self, screening_id: UUID, code: str) -> PriceTable:
        """Quote under a promotion code.

        PROMOTION_NOT_ACCEPTED, SCREENING_NOT_FOUND, or DEPENDENCY_UNAVAILABLE when catalog does not
        answer.
        """
        stub = self.peer.stub(ProgrammeServiceStub)
        request = QuotePricesRequest(screening_id=str(screening_id), promotion_code=code)
        try:
            answer = await stub.QuotePrices(request)
        except grpc.aio.AioRpcError as error:
            reason = refusal_of(error).reason
            if reason in {PromotionNotAcceptedError.reason, NO_PRICES}:
                raise PromotionNotAcceptedError from error
            if reason == ScreeningNotFoundError.reason:
                raise ScreeningNotFoundError(screening_id) from error
            raise DependencyUnavailableError(CATALOG) from error
        applied = answer.promotion
        promotion = Promotion(applied.promotion_id, applied.code, applied.regulations_version)
        return prices_of(answer, promotion)

    async def holidays(self, country_code: str, year: int) -> Sequence[date]:
        """Ask for a year's holidays; DEPENDENCY_UNAVAILABLE when catalog does not answer."""
        request = ListHolidaysRequest(country_code=country_code, year=year)
        try:
            answer = await self.peer.stub(ProgrammeServiceStub).ListHolidays(request)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(CATALOG) from error
        return [date.fromisoformat(holiday.date) for holiday in answer.holidays]
