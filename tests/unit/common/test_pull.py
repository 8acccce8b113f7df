"""What a pull gives at once, and what it gives to those who may wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.common.bus.pull import MAX_SILENCE_MS, ConsumerLostError, PullSubscription


@dataclass
class Message:
    data: bytes
    reply: str = "acknowledge here"
    headers: dict[str, str] | None = None


@dataclass
class Inbox:
    """Has one message; the next one comes as soon as the loop is free."""

    subject: str = "inbox"
    _pending_queue: "asyncio.Queue[Message]" = field(default_factory=asyncio.Queue)
    _pending_size: int = 0

    async def next_msg(self, timeout: float) -> Message:  # noqa: ASYNC109 - as the library does
        del timeout
        asyncio.get_running_loop().call_soon(self._pending_queue.put_nowait, Message(b"second"))
        return Message(b"first")


@dataclass
class Client:
    stats: dict[str, int] = field(default_factory=lambda: {"reconnects": 0})

    async def publish(self, subject: str, payload: bytes, reply: str) -> None:
        del subject, payload, reply


@dataclass
class SilentInbox(Inbox):
    """Nothing comes; what happens meanwhile is up to the test."""

    meanwhile: Callable[[], None] = lambda: None

    async def next_msg(self, timeout: float) -> Message:  # noqa: ASYNC109 - as the library does
        del timeout
        self.meanwhile()
        raise TimeoutError


@pytest.mark.parametrize(
    ("gather_ms", "given"), [(0, [b"first"]), (1, [b"first", b"second"])], ids=["at once", "later"]
)
async def test_what_may_wait_is_given_with_what_comes_soon(
    gather_ms: int, given: list[bytes]
) -> None:
    client: Any = Client()
    inbox: Any = Inbox()
    pull = PullSubscription(client, inbox, "next, please")

    batch = await pull.next_batch(gather_ms)

    assert [message.data for message in batch] == given


async def test_what_was_asked_for_over_another_connection_is_given_up() -> None:
    client: Any = Client()

    def reconnect() -> None:
        client.stats["reconnects"] += 1

    inbox: Any = SilentInbox(meanwhile=reconnect)
    pull = PullSubscription(client, inbox, "next, please", clock=lambda: 0.0)

    with pytest.raises(ConsumerLostError, match="connection"):
        await pull.next_batch()


async def test_a_consumer_that_is_silent_for_too_long_is_lost() -> None:
    now_ms, looks = 0.0, 0

    def wait() -> None:
        nonlocal now_ms, looks
        now_ms, looks = now_ms + MAX_SILENCE_MS / 4, looks + 1

    client: Any = Client()
    inbox: Any = SilentInbox(meanwhile=wait)
    pull = PullSubscription(client, inbox, "next, please", clock=lambda: now_ms / 1_000)

    with pytest.raises(ConsumerLostError, match="heartbeat"):
        await pull.next_batch()

    assert looks == 4
