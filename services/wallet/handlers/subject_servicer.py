"""SubjectService: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.wallet.v1 import subject_service_pb2 as pb
from cinema.wallet.v1.subject_service_pb2_grpc import SubjectServiceServicer

from services.common import ids
from services.common.errors import FieldViolation, InvalidRequestError
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.money import money_to_proto
from services.common.rpc.paging import PageTokens
from services.common.rpc.subjects import open_place, records_to_proto, seal_place
from services.wallet.handlers.actors import current_actor
from services.wallet.use_cases.correct_subject import RectifySubject, StopReminders
from services.wallet.use_cases.erase_subject import EraseSubject
from services.wallet.use_cases.export_subject import ExportSubject
from services.wallet.use_cases.subject_ports import Leftovers

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True)
class SubjectServicer(SubjectServiceServicer):
    """One use case for each call."""

    export_subject: ExportSubject
    erase_subject: EraseSubject
    rectify_subject: RectifySubject
    stop_reminders: StopReminders
    page_tokens: PageTokens

    async def ExportSubject(
        self, request: pb.ExportSubjectRequest, context: Context
    ) -> pb.ExportSubjectResponse:
        del context
        account_id = (
            ids.parse(request.account_id, field="account_id") if request.account_id else None
        )
        order_ids = [UUID(order_id) for order_id in request.order_ids]
        place = open_place(self.page_tokens, request.page_token, request)
        page = await self.export_subject(account_id, order_ids, place)
        return pb.ExportSubjectResponse(
            records=records_to_proto(page),
            next_page_token=seal_place(self.page_tokens, page, request),
        )

    async def EraseSubject(
        self, request: pb.EraseSubjectRequest, context: Context
    ) -> pb.EraseSubjectResponse:
        del context
        account_id, subject_id = UUID(request.account_id), UUID(request.subject_id)
        if account_id == subject_id:
            raise InvalidRequestError(FieldViolation("subject_id", "must not be the account's ID"))
        if request.dry_run:
            return _leftovers(await self.erase_subject.look(account_id, subject_id))
        key = request_key(request, _leftovers)
        left = await self.erase_subject(key, current_actor(), account_id, subject_id)
        return cast("pb.EraseSubjectResponse", answer_of(key, left))

    async def RectifySubject(
        self, request: pb.RectifySubjectRequest, context: Context
    ) -> pb.RectifySubjectResponse:
        del context
        key = request_key(request, lambda _: pb.RectifySubjectResponse())
        account_id = UUID(request.account_id)
        await self.rectify_subject(
            key, current_actor(), account_id, request.last_name, request.email
        )
        return pb.RectifySubjectResponse()

    async def StopReminders(
        self, request: pb.StopRemindersRequest, context: Context
    ) -> pb.StopRemindersResponse:
        del context
        key = request_key(request, lambda _: pb.StopRemindersResponse())
        await self.stop_reminders(key, UUID(request.account_id), stopped=request.stopped)
        return pb.StopRemindersResponse()


def _leftovers(left: Leftovers) -> pb.EraseSubjectResponse:
    return pb.EraseSubjectResponse(
        places_lost=left.places,
        points_lost=left.points,
        value_lost=[money_to_proto(value) for value in left.value],
        purchase_ids=[str(purchase_id) for purchase_id in left.purchase_ids],
    )
