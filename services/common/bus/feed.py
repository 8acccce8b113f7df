"""The feed of a service: every event in order, read from the outbox itself."""

from dataclasses import dataclass

from cinema.type.v1 import event_feed_service_pb2 as pb

from services.common.bus.events import Event
from services.common.db.database import Database
from services.common.rpc.times import timestamp_of

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
# Fewer events than asked for rather than an answer that is too large to send.
MAX_PAGE_BYTES = 2 * 1024 * 1024

_READ = """
SELECT * FROM (
    SELECT id, type, aggregate_id, aggregate_version, feed_number, occur_time, correlation_id,
           traceparent, payload,
           sum(octet_length(payload) + 300) OVER (ORDER BY feed_number) AS bytes_through
    FROM (SELECT * FROM outbox WHERE feed_number > $1 ORDER BY feed_number LIMIT $2) page
) sized
WHERE bytes_through <= $3 OR feed_number = $1 + 1 ORDER BY feed_number"""
_BOUNDS = """
SELECT last_feed_number,
       coalesce((SELECT min(feed_number) FROM outbox WHERE feed_number IS NOT NULL), 0) AS first
FROM relay_state"""


@dataclass(frozen=True, slots=True)
class Feed:
    """Reads the feed for `EventFeedService.ListEvents`."""

    service: str
    database: Database

    async def list_events(self, request: pb.ListEventsRequest) -> pb.ListEventsResponse:
        """List events after a number; see the contract."""
        page_size = min(request.page_size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
        bounds = await self.database.fetchrow(_BOUNDS)
        if bounds is None:
            raise LookupError("The relay has no state row.")
        response = pb.ListEventsResponse(
            last_feed_number=bounds["last_feed_number"], first_feed_number=bounds["first"]
        )
        if request.after_feed_number < bounds["last_feed_number"]:
            rows = await self.database.fetch(
                _READ, request.after_feed_number, page_size, MAX_PAGE_BYTES
            )
            for row in rows:
                values = dict(row)
                del values["bytes_through"]
                response.events.append(to_proto(Event(source=self.service, **values)))
        return response


def to_proto(event: Event) -> pb.FeedEvent:
    """Pack an event."""
    return pb.FeedEvent(
        feed_number=event.feed_number,
        id=str(event.id),
        type=event.type,
        aggregate_id=event.aggregate_id,
        aggregate_version=event.aggregate_version,
        occur_time=timestamp_of(event.occur_time),
        correlation_id=event.correlation_id,
        traceparent=event.traceparent,
        payload=event.payload,
    )
