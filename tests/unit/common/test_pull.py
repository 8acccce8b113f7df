"""What a pull gives at once, and what it gives to those who may wait."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.common.bus.pull import PullSubscription


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


class Client:
    async def publish(self, subject: str, payload: bytes, reply: str) -> None:
        del subject, payload, reply


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
