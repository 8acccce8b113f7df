"""Consumes a source's stream: pulls, applies, then acknowledges; comes back from anything."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from uuid import UUID, uuid5

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from services.common.bus import metrics
from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection, BusUnavailableError
from services.common.bus.events import Event, UnreadableEventError, read_message, stream_name
from services.common.bus.failures import is_infrastructure
from services.common.bus.inbox import Inbox
from services.common.bus.pull import ConsumerLostError, pull_subscription
from services.common.errors import DomainError
from services.common.logging import get_logger

ACK_WAIT_S = 30
MAX_UNACKNOWLEDGED_MESSAGES = 1_000
RETRY_AFTER_S = 1.0
REBUILD_WAIT_S = 0.5
MAX_TROUBLE_WAIT_S = 5.0

# JetStream's own code for a consumer that is there and has another policy.
_CANNOT_BE_CHANGED = 10012
# Names an unreadable message, so that it is buried once however often it comes.
_UNREADABLE = UUID("6f1d4a43-2f0e-4c39-9d3b-0f0c5fb0b6c1")
_log = get_logger(__name__)


@dataclass(slots=True)
class Consumer:
    """The durable pull consumer `durable` (the consuming service) on the source's stream."""

    durable: str
    applier: Applier
    bus: BusConnection

    async def run(self) -> None:
        """Work until cancelled. A lost connection, stream or consumer is waited for and made."""
        while True:
            try:
                await self._consume()
            except (ConsumerLostError, BusUnavailableError, NotFoundError, NatsError, OSError) as e:
                _log.info("consumer_lost", source=self.applier.source, problem=type(e).__name__)
                metrics.consumer_rebuilds.labels(self.applier.source).inc()
                await asyncio.sleep(REBUILD_WAIT_S * random.uniform(0.5, 1.0))  # noqa: S311

    async def _consume(self) -> None:
        client = await self.bus.connected()
        await self._ensure_consumer()
        async with pull_subscription(client, self.applier.source, self.durable) as pull:
            trouble_wait_s = 0.1
            while True:
                batch = await pull.next_batch(self.applier.subscription.gather_ms)
                try:
                    await self._settle(batch)
                except (DomainError, OSError) as error:
                    if not is_infrastructure(error):
                        raise
                    _log.warning("events_wait", source=self.applier.source, problem=str(error))
                    await _give_back(batch)
                    await asyncio.sleep(trouble_wait_s)
                    trouble_wait_s = min(trouble_wait_s * 2, MAX_TROUBLE_WAIT_S)
                else:
                    trouble_wait_s = 0.1

    async def _ensure_consumer(self) -> None:
        jetstream = await self.bus.jetstream()
        stream = stream_name(self.applier.source)
        wanted = ConsumerConfig(
            durable_name=self.durable,
            deliver_policy=DeliverPolicy.ALL,
            # An acknowledgement is for all before it too, so that a batch needs one.
            ack_policy=AckPolicy.ALL,
            ack_wait=ACK_WAIT_S,
            max_deliver=-1,
            max_ack_pending=MAX_UNACKNOWLEDGED_MESSAGES,
        )
        try:
            await jetstream.add_consumer(stream, wanted)
        except APIError as error:
            if error.err_code != _CANNOT_BE_CHANGED:
                raise
            # An older version made it otherwise. What comes again then, the inbox knows.
            await jetstream.delete_consumer(stream, self.durable)
            await jetstream.add_consumer(stream, wanted)

    async def _settle(self, batch: Sequence[Msg]) -> None:
        events: dict[UUID, Msg] = {}
        readable: list[Event] = []
        for message in batch:
            try:
                event = read_message(self.applier.source, message.headers, message.data)
            except UnreadableEventError as error:
                await self._bury_unreadable(message, str(error))
            else:
                readable.append(event)
                events[event.id] = message
        again = [events[event.id] for event in await self.applier.apply(readable)]
        await _acknowledge(batch, again)

    async def _bury_unreadable(self, message: Msg, reason: str) -> None:
        source = self.applier.source
        _log.error("message_unreadable", source=source, subject=message.subject, reason=reason)
        event = Event(
            source=source,
            id=uuid5(_UNREADABLE, f"{message.subject} {message.data.hex()}"),
            type=message.subject[:200],
            aggregate_id="",
            aggregate_version=0,
            feed_number=0,
            occur_time=message.metadata.timestamp,
            correlation_id="",
            traceparent="",
            payload=message.data,
        )
        async with self.applier.database.transaction() as tx:
            await Inbox(tx, source).bury(event, reason=reason, attempts=1)
            await tx.commit()
        metrics.events_consumed.labels(source, "dead").inc()


async def _acknowledge(batch: Sequence[Msg], again: Sequence[Msg]) -> None:
    """Acknowledge all up to the first one that must come again."""
    settled = list(takewhile(lambda message: message not in again, batch))
    if settled:
        await settled[-1].ack()
    for message in again:
        await message.nak(delay=RETRY_AFTER_S)


async def _give_back(batch: Sequence[Msg]) -> None:
    for message in batch:
        if not message.is_acked:
            await message.nak(delay=RETRY_AFTER_S)
