"""Shows terms and sales policies to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import terms_messages
from services.catalog.handlers.requests import place_of, published_after
from services.catalog.use_cases.get_sales_policy import GetSalesPolicy
from services.catalog.use_cases.get_terms import GetTerms
from services.catalog.use_cases.list_terms import ListTerms
from services.common.rpc.paging import PageTokens, page_size_of

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeTerms(ProgrammeServiceServicer):
    """The calls about terms."""

    get_terms: GetTerms
    list_terms: ListTerms
    get_sales_policy: GetSalesPolicy
    page_tokens: PageTokens

    async def GetTerms(
        self, request: pb.GetTermsRequest, context: Context[Any, Any]
    ) -> pb.GetTermsResponse:
        del context
        terms = await self.get_terms(request.policy_code, request.otc_version)
        return pb.GetTermsResponse(terms=terms_messages.terms_to_proto(terms))

    async def ListTerms(
        self, request: pb.ListTermsRequest, context: Context[Any, Any]
    ) -> pb.ListTermsResponse:
        del context
        page_size = page_size_of(request.page_size)
        after = published_after(self.page_tokens.open(request.page_token, request))
        versions = await self.list_terms(request.policy_code, after, page_size + 1)
        page, next_page_token = self.page_tokens.cut(versions, page_size, place_of, request)
        return pb.ListTermsResponse(
            terms=[terms_messages.version_to_proto(version) for version in page],
            next_page_token=next_page_token,
        )

    async def GetSalesPolicy(
        self, request: pb.GetSalesPolicyRequest, context: Context[Any, Any]
    ) -> pb.GetSalesPolicyResponse:
        del context
        policy, terms = await self.get_sales_policy(request.policy_code, request.version)
        return pb.GetSalesPolicyResponse(
            policy=terms_messages.policy_to_proto(policy, terms.policy_code, terms.otc_version),
            terms=terms_messages.version_to_proto(terms),
        )
