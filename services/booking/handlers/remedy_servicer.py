"""The calls of BoxOfficeService about remedies: unpack, one use case, pack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, cast
from uuid import UUID

import grpc
from cinema.booking.v1 import box_office_service_pb2 as pb

from services.booking.domain.order import Order
from services.booking.domain.remedy import RemedyOrigin
from services.booking.domain.remedy_rules import RemedyWish
from services.booking.domain.screening_job import ScreeningJob
from services.booking.handlers.remedy_converters import job_to_proto, remedy_of, wished_kind
from services.booking.handlers.staff_calls import staff_of_call
from services.booking.use_cases.list_remedies import ListAwaitingRemedies, ListScreeningJobs
from services.booking.use_cases.remedies_of_staff import ApproveRemedy, GiveRemedy
from services.common.errors import InvalidPageTokenError
from services.common.rpc.idempotency import answer_of, request_key
from services.common.rpc.paging import Keyset, PageTokens, page_size_of

DEFAULT_REMEDIES_PER_PAGE = 50
DEFAULT_JOBS_PER_PAGE = 50

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class RemedyOffice:
    """What staff call."""

    give: GiveRemedy
    approve: ApproveRemedy
    list_awaiting: ListAwaitingRemedies
    list_jobs: ListScreeningJobs


@dataclass(frozen=True)
class RemedyOfficeServicer:
    """The calls of BoxOfficeService about remedies."""

    remedies: RemedyOffice
    page_tokens: PageTokens

    async def GiveRemedy(
        self, request: pb.GiveRemedyRequest, context: Context
    ) -> pb.GiveRemedyResponse:
        del context
        key = request_key(request, _given)
        wish = RemedyWish(
            kind=wished_kind(request.kind),
            origin=RemedyOrigin.BOX_OFFICE,
            form_reference=request.form_reference,
        )
        order = await self.remedies.give(
            staff_of_call(), UUID(request.order_id), request.qr_payload, wish, key
        )
        return cast("pb.GiveRemedyResponse", answer_of(key, order))

    async def ApproveRemedy(
        self, request: pb.ApproveRemedyRequest, context: Context
    ) -> pb.ApproveRemedyResponse:
        del context
        key = request_key(request, _approved)
        order = await self.remedies.approve(
            staff_of_call(),
            UUID(request.order_id),
            request.reason,
            key,
            approved=request.decision == pb.REMEDY_DECISION_APPROVED,
        )
        return cast("pb.ApproveRemedyResponse", answer_of(key, order))

    async def ListAwaitingRemedies(
        self, request: pb.ListAwaitingRemediesRequest, context: Context
    ) -> pb.ListAwaitingRemediesResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_REMEDIES_PER_PAGE)
        orders = await self.remedies.list_awaiting(
            staff_of_call(),
            UUID(request.screening_id),
            after=_time_and_order(self.page_tokens.open(request.page_token, request)),
            limit=size + 1,
        )
        page, token = self.page_tokens.cut(orders, size, _place_of_remedy, request)
        return pb.ListAwaitingRemediesResponse(
            remedies=[_awaiting(order) for order in page], next_page_token=token
        )

    async def ListScreeningJobs(
        self, request: pb.ListScreeningJobsRequest, context: Context
    ) -> pb.ListScreeningJobsResponse:
        del context
        size = page_size_of(request.page_size, default=DEFAULT_JOBS_PER_PAGE)
        jobs = await self.remedies.list_jobs(
            staff_of_call(),
            UUID(request.screening_id),
            before=_version_and_kind(self.page_tokens.open(request.page_token, request)),
            limit=size + 1,
        )
        page, token = self.page_tokens.cut(jobs, size, _place_of_job, request)
        return pb.ListScreeningJobsResponse(
            jobs=[job_to_proto(job) for job in page], next_page_token=token
        )


def _place_of_remedy(order: Order) -> Keyset:
    asked_at = order.created_at if order.remedy is None else order.remedy.requested_at
    return [asked_at.isoformat(), str(order.id)]


def _time_and_order(keyset: Keyset | None) -> tuple[datetime, UUID] | None:
    if keyset is None:
        return None
    time, order_id = keyset
    return datetime.fromisoformat(str(time)), UUID(str(order_id))


def _place_of_job(job: ScreeningJob) -> Keyset:
    return [job.version, job.kind]


def _version_and_kind(keyset: Keyset | None) -> tuple[int, str] | None:
    if keyset is None:
        return None
    version, kind = keyset
    if not isinstance(version, int):
        raise InvalidPageTokenError
    return version, str(kind)


def _awaiting(order: Order) -> pb.AwaitingRemedy:
    return pb.AwaitingRemedy(
        order_id=str(order.id), order_number=order.number, remedy=remedy_of(order)
    )


def _given(order: Order) -> pb.GiveRemedyResponse:
    return pb.GiveRemedyResponse(remedy=remedy_of(order))


def _approved(order: Order) -> pb.ApproveRemedyResponse:
    return pb.ApproveRemedyResponse(remedy=remedy_of(order))
