"""Serves the feed; registered by each service. Who may call is declared in the contract."""

from dataclasses import dataclass
from typing import Any

import grpc
from cinema.type.v1 import event_feed_service_pb2 as pb
from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceServicer

from services.common.bus.feed import Feed


@dataclass(frozen=True)
class FeedServicer(EventFeedServiceServicer):
    """`EventFeedService` of one service."""

    feed: Feed

    async def ListEvents(  # noqa: N802 - the RPC's name.
        self, request: pb.ListEventsRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> pb.ListEventsResponse:
        del context
        return await self.feed.list_events(request)
