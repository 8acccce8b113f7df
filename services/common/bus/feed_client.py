"""Reads other services' feeds over RPC: the port that the reconciler asks."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol
from uuid import UUID

import grpc
from cinema.type.v1 import event_feed_service_pb2 as pb

from services.common.bus.events import Event
from services.common.bus.reconciler import FeedPage
from services.common.errors import DependencyUnavailableError


class FeedStub(Protocol):
    """What the generated asynchronous stub offers, through the chassis's client."""

    def ListEvents(  # noqa: N802 - the RPC's name.
        self, request: pb.ListEventsRequest, /
    ) -> Awaitable[pb.ListEventsResponse]: ...


@dataclass(frozen=True, slots=True)
class FeedClient:
    """The feeds of the sources, by name. Pass the object itself as the reconciler's port."""

    stubs: Mapping[str, FeedStub]

    async def __call__(self, source: str, after_feed_number: int, page_size: int) -> FeedPage:
        """List events of a source after a feed number."""
        stub = self.stubs.get(source)
        if stub is None:
            raise DependencyUnavailableError(source)
        request = pb.ListEventsRequest(after_feed_number=after_feed_number, page_size=page_size)
        try:
            response = await stub.ListEvents(request)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(source) from error
        return FeedPage(
            [from_proto(source, event) for event in response.events],
            response.first_feed_number,
            response.last_feed_number,
        )


def from_proto(source: str, event: pb.FeedEvent) -> Event:
    """Unpack an event."""
    return Event(
        source=source,
        id=UUID(event.id),
        type=event.type,
        aggregate_id=event.aggregate_id,
        aggregate_version=event.aggregate_version,
        feed_number=event.feed_number,
        occur_time=event.occur_time.ToDatetime(tzinfo=UTC),
        correlation_id=event.correlation_id,
        traceparent=event.traceparent,
        payload=event.payload,
    )
