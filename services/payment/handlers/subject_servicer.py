from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import grpc
from cinema.payment.v1 import subject_service_pb2 as pb
from cinema.payment.v1.subject_service_pb2_grpc import SubjectServiceServicer

from services.common import ids
from services.common.rpc.call import current_caller
from services.common.rpc.paging import PageTokens
from services.common.rpc.subjects import open_place, records_to_proto, seal_place
from services.payment.use_cases.erase_subject import EraseSubject
from services.payment.use_cases.export_subject import ExportSubject

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class SubjectServicer(SubjectServiceServicer):
    """`SubjectService`."""

    export_subject: ExportSubject
    erase_subject: EraseSubject
    page_tokens: PageTokens

    async def ExportSubject(
        self, request: pb.ExportSubjectRequest, context: Context
    ) -> pb.ExportSubjectResponse:
        del context
        place = open_place(self.page_tokens, request.page_token, request)
        page = await self.export_subject(_references(request.reference_ids), place)
        return pb.ExportSubjectResponse(
            records=records_to_proto(page),
            next_page_token=seal_place(self.page_tokens, page, request),
        )

    async def EraseSubject(
        self, request: pb.EraseSubjectRequest, context: Context
    ) -> pb.EraseSubjectResponse:
        del context
        payments = await self.erase_subject(
            _references(request.reference_ids),
            actor=current_caller().subject,
            request_id=request.request_id,
            dry_run=request.dry_run,
        )
        return pb.EraseSubjectResponse(payments=payments)


def _references(texts: Iterable[str]) -> list[UUID]:
    return [ids.parse(text, field="reference_ids") for text in texts]
