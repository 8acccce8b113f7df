"""Asks another service what it did about an order."""

from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

import grpc
from cinema.type.v1 import story_service_pb2 as pb
from cinema.type.v1.story_service_pb2_grpc import StoryServiceStub

from services.booking.domain.whole_story import StoryPart, Teller, entry_of
from services.common.errors import DependencyUnavailableError
from services.common.rpc.client import Peer

# Read from the contract, so that whoever opens a channel for it has the contract too.
STORY_SERVICE: str = pb.DESCRIPTOR.services_by_name["StoryService"].full_name


@dataclass(frozen=True, slots=True)
class PeerStory:
    """The port `StorySource` on another service."""

    teller: Teller
    peer: Peer
    call_timeout_ms: int

    async def story(self, order_id: UUID) -> StoryPart:
        stub = self.peer.stub(StoryServiceStub)
        request = pb.ListStoryEntriesRequest(reference_id=str(order_id))
        try:
            answer = await stub.ListStoryEntries(request, timeout=self.call_timeout_ms / 1_000)
        except grpc.aio.AioRpcError as error:
            raise DependencyUnavailableError(self.teller) from error
        entries = [
            entry_of(
                self.teller,
                entry.time.ToDatetime(tzinfo=UTC),
                entry.what,
                entry.detail,
                entry.correlation_id,
            )
            for entry in answer.entries
        ]
        return StoryPart(self.teller, entries, answer.is_cut)
