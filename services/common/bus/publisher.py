"""Publishes numbered events: many at once, in order within an aggregate."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NoStreamResponseError

from services.common.bus import metrics
from services.common.bus.connection import BusConnection, BusUnavailableError
from services.common.bus.events import Event, headers_of, stream_name, subject_of
from services.common.bus.streams import StreamLimits, ensure_stream
from services.common.logging import get_logger

# JetStream's own code for a message larger than the stream takes.
_MESSAGE_TOO_LARGE = 10054

_log = get_logger(__name__)


@dataclass(slots=True)
class Published:
    """How far a feed is published: all up to `through`, and of what was read all but `pending`."""

    through: int
    read_through: int = field(init=False)
    pending: dict[int, Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.read_through = self.through

    def expect(self, events: Iterable[Event]) -> None:
        """Take events that were read, in feed order, as pending."""
        for event in events:
            self.pending[event.feed_number] = event
            self.read_through = event.feed_number

    def done(self, event: Event) -> None:
        """Note that an event is published."""
        del self.pending[event.feed_number]
        self.through = min(self.pending, default=self.read_through + 1) - 1

    def by_aggregate(self) -> list[list[Event]]:
        """Give the pending events, those of one aggregate in order of their versions."""
        chains: dict[str, list[Event]] = defaultdict(list)
        for event in self.pending.values():
            chains[event.aggregate_id].append(event)
        return list(chains.values())


@dataclass(slots=True)
class Publisher:
    """Publishes to the service's stream, and makes the stream when it is missing."""

    service: str
    bus: BusConnection
    max_in_flight_publishes: int
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
        """Try each pending event once; a failed one holds back only its own aggregate."""
        jetstream = await self.prepare()
        if jetstream is None:
            return
        slots = asyncio.Semaphore(self.max_in_flight_publishes)
        await asyncio.gather(
            *(
                self._publish_chain(jetstream, chain, published, slots)
                for chain in published.by_aggregate()
            )
        )

    async def _publish_chain(
        self,
        jetstream: JetStreamContext,
        chain: list[Event],
        published: Published,
        slots: asyncio.Semaphore,
    ) -> None:
        async with slots:
            for event in chain:
                if not await self._publish_one(jetstream, event):
                    metrics.publish_failures.inc()
                    return
                published.done(event)

    async def _publish_one(self, jetstream: JetStreamContext, event: Event) -> bool:
        try:
            await jetstream.publish(
                subject_of(event),
                event.payload,
                stream=stream_name(self.service),
                headers=headers_of(event),
            )
        except MaxPayloadError:
            return _give_up(event)
        except NoStreamResponseError:
            self._stream_is_known = False
            return False
        except APIError as error:
            return _give_up(event) if error.err_code == _MESSAGE_TOO_LARGE else False
        except (NatsError, OSError):
            return False
        metrics.events_published.inc()
        return True


def _give_up(event: Event) -> bool:
    """Leave an event that the bus can never carry to the feed, which carries everything."""
    _log.error("event_unpublishable", type=event.type, event_id=str(event.id))
    metrics.events_unpublishable.inc()
    return True
