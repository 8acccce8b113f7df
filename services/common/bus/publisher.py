"""Publishes numbered events in feed order, many for one acknowledgement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from services.common.bus import metrics
from services.common.bus.connection import BusConnection, BusUnavailableError
from services.common.bus.events import Event, headers_of, stream_name, subject_of
from services.common.bus.streams import StreamLimits, ensure_stream
from services.common.logging import get_logger

# JetStream's own code for a message larger than the stream takes.
_MESSAGE_TOO_LARGE = 10054
MAX_HEADERS_BYTES = 4_096

_log = get_logger(__name__)


@dataclass(slots=True)
class Published:
    """How far a feed is published: all up to `through`, and of what was read all but `pending`."""

    through: int
    read_through: int = field(init=False)
    pending: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.read_through = self.through

    def expect(self, events: Iterable[Event]) -> None:
        """Take events that were read, in feed order, as pending."""
        self.pending.extend(events)
        if self.pending:
            self.read_through = self.pending[-1].feed_number

    def done(self, count: int) -> None:
        """Note that the first so many pending events are published."""
        self.pending = self.pending[count:]
        self.through = self.pending[0].feed_number - 1 if self.pending else self.read_through


@dataclass(slots=True)
class Publisher:
    """Publishes to the service's stream, and makes the stream when it is missing."""

    service: str
    bus: BusConnection
    max_events_per_batch: int
    stream_limits: StreamLimits = field(default_factory=StreamLimits)
    _stream_is_known: bool = False

    async def prepare(self) -> JetStreamContext | None:
        """Make the stream exist, so that consumers find it before the first event; None: later."""
        try:
            jetstream = await self.bus.jetstream()
            if not self._stream_is_known:
                await ensure_stream(jetstream, self.service, self.stream_limits)
                self._stream_is_known = True
        except (BusUnavailableError, NatsError, OSError) as error:
            _log.info("bus_not_ready", problem=type(error).__name__)
            return None
        return jetstream

    async def publish(self, published: Published) -> None:
        """Try the pending events once, in feed order, until a batch is not acknowledged."""
        while published.pending and (jetstream := await self.prepare()) is not None:
            batch = published.pending[: self.max_events_per_batch]
            if not await self._publish_batch(jetstream, batch):
                metrics.publish_failures.inc()
                return
            published.done(len(batch))

    async def _publish_batch(self, jetstream: JetStreamContext, batch: Sequence[Event]) -> bool:
        """Give a batch to the bus. The acknowledgement of its last event is for those before it too.

        They went before it, over the same connection into the same stream. Should the bus not have
        kept one, it comes from the feed, as everything that the bus loses.
        """
        client = await self.bus.connected()
        reconnects = client.stats["reconnects"]
        events = [event for event in batch if self._fits(event, client.max_payload)]
        try:
            for event in events[:-1]:
                await client.publish(subject_of(event), event.payload, headers=headers_of(event))
            for event in events[-1:]:
                await self._publish_last(jetstream, event)
        except NoStreamResponseError:
            self._stream_is_known = False
            return False
        except (NatsError, OSError):
            return False
        if client.stats["reconnects"] != reconnects:
            return False
        metrics.events_published.inc(len(events))
        return True

    async def _publish_last(self, jetstream: JetStreamContext, event: Event) -> None:
        try:
            await jetstream.publish(
                subject_of(event),
                event.payload,
                stream=stream_name(self.service),
                headers=headers_of(event),
            )
        except APIError as error:
            if error.err_code != _MESSAGE_TOO_LARGE:
                raise
            _give_up(event)

    def _fits(self, event: Event, max_bytes: int) -> bool:
        size = len(event.payload) + MAX_HEADERS_BYTES
        if size > min(max_bytes, self.stream_limits.max_message_bytes):
            _give_up(event)
            return False
        return True


def _give_up(event: Event) -> None:
    """Leave an event that the bus can never carry to the feed, which carries everything."""
    _log.error("event_unpublishable", type=event.type, event_id=str(event.id))
    metrics.events_unpublishable.inc()
