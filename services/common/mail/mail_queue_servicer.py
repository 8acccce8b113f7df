"""Serves the e-mails in trouble to operators; registered by each service that sends some."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
from cinema.type.v1 import mail_queue_service_pb2 as pb
from cinema.type.v1.mail_queue_service_pb2_grpc import MailQueueServiceServicer

from services.common import ids
from services.common.mail.waiting import TroubledMail, TroubledMails
from services.common.operators import calling_operator
from services.common.rpc.paging import Keyset, PageTokens, page_size_of
from services.common.rpc.times import timestamp_of


@dataclass(frozen=True)
class MailQueueServicer(MailQueueServiceServicer):
    """`MailQueueService` of one service."""

    mails: TroubledMails
    page_tokens: PageTokens

    async def ListTroubledMails(  # noqa: N802 - the RPC's name.
        self, request: pb.ListTroubledMailsRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.ListTroubledMailsResponse:
        del context
        size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1]))) if keyset else None
        found = await self.mails.list(after=after, page_size=size + 1)
        page, token = self.page_tokens.cut(found, size, _place_of, request)
        return pb.ListTroubledMailsResponse(
            mails=[_to_proto(mail) for mail in page], next_page_token=token
        )

    async def RetryMail(  # noqa: N802 - the RPC's name.
        self, request: pb.RetryMailRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.RetryMailResponse:
        del context
        operator = calling_operator(request.request_id)
        await self.mails.retry(ids.parse(request.id), operator)
        return pb.RetryMailResponse()

    async def DiscardMail(  # noqa: N802 - the RPC's name.
        self, request: pb.DiscardMailRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.DiscardMailResponse:
        del context
        operator = calling_operator(request.request_id)
        await self.mails.discard(ids.parse(request.id), operator)
        return pb.DiscardMailResponse()


def _place_of(mail: TroubledMail) -> Keyset:
    return [mail.create_time.isoformat(), str(mail.id)]


def _to_proto(mail: TroubledMail) -> pb.TroubledMail:
    return pb.TroubledMail(
        id=str(mail.id),
        kind=mail.kind,
        attempts=mail.attempts,
        last_problem=mail.last_problem,
        is_given_up=mail.is_given_up,
        create_time=timestamp_of(mail.create_time),
        next_attempt_time=None if mail.is_given_up else timestamp_of(mail.next_attempt_time),
    )
