"""The calls about complaints, of customers and of staff: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import box_office_service_pb2 as office_pb

from services.booking.domain.complaint import Complaint, ComplaintKind
from services.booking.handlers.callers import reader_of
from services.booking.handlers.complaint_converters import (
    complaint_to_proto,
    decision_of,
    is_answered_of,
    kind_of,
    scope_of,
)
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.answer_complaint import AnswerComplaint
from services.booking.use_cases.complaint_ports import ComplaintFilter, ComplaintPlace
from services.booking.use_cases.get_complaint import GetComplaint
from services.booking.use_cases.list_complaints import ListComplaints
from services.booking.use_cases.submit_complaint import SubmitComplaint, Words
from services.common.rpc.call import Call, current_call
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class ComplaintCalls:
    """What customers call."""

    submit: SubmitComplaint
    get: GetComplaint


@dataclass(frozen=True)
class ComplaintServicer:
    """The calls of BookingService about complaints."""

    complaints: ComplaintCalls

    async def SubmitComplaint(
        self, request: pb.SubmitComplaintRequest, context: Context
    ) -> pb.SubmitComplaintResponse:
        del context
        key, call = request_key(request, _submitted), current_call()
        complaint = await self.complaints.submit(_words(request, call), reader_of(call), key)
        return cast("pb.SubmitComplaintResponse", answer_of(key, complaint))

    async def GetComplaint(
        self, request: pb.GetComplaintRequest, context: Context
    ) -> pb.GetComplaintResponse:
        del context
        complaint = await self.complaints.get(UUID(request.complaint_id), reader_of(current_call()))
        return pb.GetComplaintResponse(complaint=complaint_to_proto(complaint))


@dataclass(frozen=True, slots=True)
class ComplaintOfficeCalls:
    """What staff call."""

    list: ListComplaints
    answer: AnswerComplaint


@dataclass(frozen=True)
class ComplaintOfficeServicer:
    """The calls of BoxOfficeService about complaints."""

    complaints: ComplaintOfficeCalls
    page_tokens: PageTokens

    async def ListComplaints(
        self, request: office_pb.ListComplaintsRequest, context: Context
    ) -> office_pb.ListComplaintsResponse:
        del context
        staff, size = staff_of_call(), page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        wanted = ComplaintFilter(
            staff.cinemas_or_all,
            kind_of(request.kind),
            is_answered_of(request.state),
            only_overdue=request.only_overdue,
        )
        found = await self.complaints.list(
            staff, wanted, _place_of(keyset) if keyset else None, size
        )
        page, token = self.page_tokens.cut(found, size, _keyset_of, request)
        return office_pb.ListComplaintsResponse(
            complaints=[complaint_to_proto(complaint) for complaint in page],
            next_page_token=token,
        )

    async def AnswerComplaint(
        self, request: office_pb.AnswerComplaintRequest, context: Context
    ) -> office_pb.AnswerComplaintResponse:
        del context
        key = request_key(request, _answered)
        complaint = await self.complaints.answer(
            staff_of_call(),
            UUID(request.complaint_id),
            decision_of(request.decision),
            request.text,
            key,
        )
        return cast("office_pb.AnswerComplaintResponse", answer_of(key, complaint))


def _words(request: pb.SubmitComplaintRequest, call: Call) -> Words:
    return Words(
        kind=kind_of(request.kind) or ComplaintKind.COMPLAINT,
        order_number=request.order_number,
        scope=scope_of(request.scope),
        text=request.text,
        reply_email=request.reply_email,
        language=request.language_code,
        address=call.peer_address(),
    )


def _submitted(complaint: Complaint) -> pb.SubmitComplaintResponse:
    return pb.SubmitComplaintResponse(complaint=complaint_to_proto(complaint))


def _answered(complaint: Complaint) -> office_pb.AnswerComplaintResponse:
    return office_pb.AnswerComplaintResponse(complaint=complaint_to_proto(complaint))


def _keyset_of(complaint: Complaint) -> Keyset:
    return [complaint.received_at.isoformat(), str(complaint.id)]


def _place_of(keyset: Keyset) -> ComplaintPlace:
    received_at, complaint_id = keyset
    return datetime.fromisoformat(str(received_at)), UUID(str(complaint_id))
