"""Shows terms to anyone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.catalog.v1 import programme_service_pb2 as pb
from cinema.catalog.v1.programme_service_pb2_grpc import ProgrammeServiceServicer

from services.catalog.handlers import terms_messages
from services.catalog.use_cases.get_terms import GetTerms

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class ProgrammeTerms(ProgrammeServiceServicer):
    """The calls about terms."""

    get_terms: GetTerms

    async def GetTerms(
        self, request: pb.GetTermsRequest, context: Context[Any, Any]
    ) -> pb.GetTermsResponse:
        del context
        terms = await self.get_terms(request.policy_code, request.otc_version)
        return pb.GetTermsResponse(terms=terms_messages.terms_to_proto(terms))
