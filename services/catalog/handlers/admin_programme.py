"""What staff do with whole programmes: the import."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2 as pb
from cinema.catalog.v1.catalog_admin_service_pb2_grpc import CatalogAdminServiceServicer

from services.catalog.domain.import_report import ImportSummary
from services.catalog.handlers import import_messages, requests
from services.catalog.handlers.admin_limits import AdminLimits
from services.catalog.handlers.upload import read_first, receive
from services.catalog.use_cases.import_programme import ImportProgramme
from services.common.rpc.idempotency import request_key
from services.common.rpc.load_limit import LoadLimit

Context = grpc.aio.ServicerContext


@dataclass(frozen=True, kw_only=True)
class AdminProgramme(CatalogAdminServiceServicer):
    """The calls about whole programmes."""

    import_programme: ImportProgramme
    limits: AdminLimits
    imports: LoadLimit = field(init=False)

    def __post_init__(self) -> None:
        limit = LoadLimit(
            max_in_flight_calls=self.limits.max_concurrent_imports,
            max_queued_calls=self.limits.max_queued_imports,
            max_queue_wait_ms=self.limits.max_import_wait_ms,
        )
        object.__setattr__(self, "imports", limit)

    async def ImportProgramme(
        self,
        request_iterator: AsyncIterator[pb.ImportProgrammeRequest],
        context: Context[Any, Any],
    ) -> AsyncIterator[pb.ImportProgrammeResponse]:
        del context
        staff = requests.staff_of_call()
        messages = aiter(request_iterator)
        header = (await read_first(messages)).header
        staff.must_act_for(header.cinema_id)

        def pack(summary: ImportSummary) -> pb.ImportProgrammeResponse:
            return pb.ImportProgrammeResponse(summary=import_messages.summary_to_proto(summary))

        key = request_key(header, pack)
        await self.imports.enter()
        try:
            upload = await receive(messages, max_feed_bytes=self.limits.max_feed_bytes)
            with upload.file:
                fingerprint = hashlib.sha256(key.fingerprint + upload.sha256).digest()
                key = replace(key, fingerprint=fingerprint)
                report = await self.import_programme(key, staff, header.cinema_id, upload.pieces)
        finally:
            self.imports.leave()
        for row in report.refused:
            yield pb.ImportProgrammeResponse(problem=import_messages.problem_to_proto(row))
        yield pack(report.summary)
