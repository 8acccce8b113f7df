"""Asks catalog for what a sale depends on."""

from dataclasses import dataclass
from uuid import UUID

import grpc
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsRequest, GetSalesFactsResponse
from cinema.catalog.v1.sales_facts_service_pb2_grpc import SalesFactsServiceStub

from services.booking.domain.errors import ScreeningNotFoundError
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer, refusal_of

CATALOG = "catalog"
CATALOG_SERVICES = ("cinema.catalog.v1.SalesFactsService", "cinema.type.v1.EventFeedService")


@dataclass(frozen=True, slots=True)
class CatalogClient:
    """The port `SalesFactsSource` on catalog's SalesFactsService."""

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
