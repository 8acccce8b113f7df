"""Serves dead events to operators; registered by each service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import grpc
from cinema.type.v1 import dead_event_service_pb2 as pb
from cinema.type.v1.dead_event_service_pb2_grpc import DeadEventServiceServicer

from services.common import ids
from services.common.bus.dead_events import DeadEvent, DeadEvents
from services.common.operators import calling_operator
from services.common.rpc.paging import PageTokens, page_size_of
from services.common.rpc.times import timestamp_of


@dataclass(frozen=True)
class DeadEventsServicer(DeadEventServiceServicer):
    """`DeadEventService` of one service."""

    dead_events: DeadEvents
    page_tokens: PageTokens

    async def ListDeadEvents(  # noqa: N802 - the RPC's name.
        self, request: pb.ListDeadEventsRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.ListDeadEventsResponse:
        del context
        page_size = page_size_of(request.page_size)
        keyset = self.page_tokens.open(request.page_token, request)
        after = (datetime.fromisoformat(str(keyset[0])), UUID(str(keyset[1]))) if keyset else None
        found = await self.dead_events.list(after=after, page_size=page_size)
        response = pb.ListDeadEventsResponse(dead_events=[_to_proto(event) for event in found])
        if len(found) == page_size:
            last = found[-1]
            response.next_page_token = self.page_tokens.seal(
                [last.dead_time.isoformat(), str(last.event_id)], request
            )
        return response

    async def RetryDeadEvent(  # noqa: N802 - the RPC's name.
        self, request: pb.RetryDeadEventRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.RetryDeadEventResponse:
        del context
        applied = await self.dead_events.retry(
            ids.parse(request.id), calling_operator(request.request_id)
        )
        return pb.RetryDeadEventResponse(applied=applied)

    async def DiscardDeadEvent(  # noqa: N802 - the RPC's name.
        self, request: pb.DiscardDeadEventRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.DiscardDeadEventResponse:
        del context
        operator = calling_operator(request.request_id)
        await self.dead_events.discard(ids.parse(request.id), request.reason, operator)
        return pb.DiscardDeadEventResponse()


def _to_proto(event: DeadEvent) -> pb.DeadEvent:
    return pb.DeadEvent(
        id=str(event.event_id),
        source=event.source,
        type=event.type,
        aggregate_id=event.aggregate_id,
        aggregate_version=event.aggregate_version,
        reason=event.reason,
        dead_time=timestamp_of(event.dead_time),
        attempts=event.attempts,
    )
