"""Serves what a service did about a purchase; registered by those who have a part in purchases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cinema.type.v1 import story_service_pb2 as pb
from cinema.type.v1.story_service_pb2_grpc import StoryServiceServicer

from services.common import ids
from services.common.rpc.times import timestamp_of

if TYPE_CHECKING:
    import grpc

    from services.common.stories import StoryReader


@dataclass(frozen=True)
class StoryServicer(StoryServiceServicer):
    """`StoryService` of one service."""

    read: StoryReader

    async def ListStoryEntries(  # noqa: N802 - the RPC's name.
        self, request: pb.ListStoryEntriesRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.ListStoryEntriesResponse:
        del context
        story = await self.read(ids.parse(request.reference_id, field="reference_id"))
        answer = pb.ListStoryEntriesResponse(is_cut=story.is_cut)
        for line in story.lines:
            entry = answer.entries.add(
                what=line.what, detail=line.detail, correlation_id=line.correlation_id
            )
            entry.time.CopyFrom(timestamp_of(line.time))
        return answer
