"""Pulls messages of a durable consumer in batches, without waiting for a batch to fill up.

The client library's own `fetch` waits for the whole batch once its first message is there.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as InboxSubscription
from nats.errors import Error as NatsError

from services.common.bus.events import stream_name

MAX_BATCH = 100
REQUEST_EXPIRES_MS = 60_000
HEARTBEAT_MS = 5_000
# Nothing at all for this long, not even a heartbeat: the consumer is gone.
MAX_SILENCE_MS = 11_000
# How soon it is seen that the connection is another: what was asked for was forgotten with the old.
LOOK_MS = 2_000

_HEARTBEAT_STATUS = "100"
# No messages, request expired, batch completed or request superseded: ask again.
_ASK_AGAIN_STATUSES = frozenset({"404", "408"})
_BATCH_COMPLETED = "Batch Completed"


class ConsumerLostError(Exception):
    """The durable consumer does not answer, or is no longer there."""


@dataclass(slots=True)
class PullSubscription:
    """One outstanding pull request at a time, answered into an inbox of its own."""

    client: Client
    inbox: InboxSubscription
    request_subject: str
    clock: Callable[[], float] = time.monotonic
    _wanted: int = 0
    _heard_at: float = 0.0
    _reconnects: int = 0

    async def next_batch(self, gather_ms: int = 0) -> list[Msg]:
        """Wait for messages and give what is there so much later, at most `MAX_BATCH`.

        Gives an empty list when a request expired without any. Raises ConsumerLostError.
        """
        if self._wanted <= 0:
            await self._ask()
        batch: list[Msg] = []
        self._fill(batch, await self._first())
        if batch and gather_ms:
            await asyncio.sleep(gather_ms / 1_000)
            self._fill(batch, self._buffered())
        return batch

    def _fill(self, batch: list[Msg], message: Msg | None) -> None:
        while message is not None:
            if self._is_event(message):
                batch.append(message)
            message = self._buffered() if len(batch) < MAX_BATCH else None

    async def _ask(self) -> None:
        request = {
            "batch": MAX_BATCH,
            "expires": REQUEST_EXPIRES_MS * 1_000_000,
            "idle_heartbeat": HEARTBEAT_MS * 1_000_000,
        }
        await self.client.publish(
            self.request_subject, json.dumps(request).encode(), self.inbox.subject
        )
        self._wanted = MAX_BATCH
        self._reconnects = self.client.stats["reconnects"]

    async def _first(self) -> Msg:
        self._heard_at = self.clock()
        while True:
            with suppress(TimeoutError):
                return await self.inbox.next_msg(timeout=LOOK_MS / 1_000)
            if self.client.stats["reconnects"] != self._reconnects:
                raise ConsumerLostError("The connection is another one.")
            if (self.clock() - self._heard_at) * 1_000 >= MAX_SILENCE_MS:
                raise ConsumerLostError("Not even a heartbeat.")

    def _buffered(self) -> Msg | None:
        queue = self.inbox._pending_queue  # noqa: SLF001 - there is no public look without waiting.
        try:
            message: Msg = queue.get_nowait()
        except asyncio.QueueEmpty:
            return None
        self.inbox._pending_size -= len(message.data)  # noqa: SLF001 - as next_msg does.
        return message

    def _is_event(self, message: Msg) -> bool:
        status = (message.headers or {}).get("Status") if message.reply == "" else None
        if status is None:
            self._wanted -= 1
            return True
        if status == _HEARTBEAT_STATUS:
            return False
        description = (message.headers or {}).get("Description", "")
        if status in _ASK_AGAIN_STATUSES or _BATCH_COMPLETED in description:
            self._wanted = 0
            return False
        raise ConsumerLostError(f"{status} {description}")


@asynccontextmanager
async def pull_subscription(
    client: Client, source: str, durable: str
) -> AsyncIterator[PullSubscription]:
    """Open the inbox that the consumer's messages come to."""
    inbox = await client.subscribe(client.new_inbox())
    subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(source)}.{durable}"
    try:
        yield PullSubscription(client, inbox, subject)
    finally:
        with suppress(NatsError):
            await inbox.unsubscribe()
