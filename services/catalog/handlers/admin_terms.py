"""What staff do with terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.terms import Terms
from services.catalog.handlers import requests, terms_messages
from services.catalog.use_cases.publish_terms import PublishTerms
from services.common.rpc.idempotency import answer_of, request_key

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminTerms(CatalogAdminServiceServicer):
    """The calls about terms."""

    publish_terms: PublishTerms

    async def PublishTerms(
        self, request: pb.PublishTermsRequest, context: Context[Any, Any]
    ) -> pb.PublishTermsResponse:
        del context

        def pack(terms: Terms) -> pb.PublishTermsResponse:
            return pb.PublishTermsResponse(terms=terms_messages.terms_to_proto(terms))

        key = request_key(request, pack)
        terms = await self.publish_terms(
            key, requests.staff_of_call(), terms_messages.terms_of(request.terms)
        )
        return cast("pb.PublishTermsResponse", answer_of(key, terms))
