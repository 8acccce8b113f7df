"""A mail server that misbehaves on purpose, on a port of its own."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from services.common.db.database import Database


@dataclass
class Mailbox:
    """Keeps what arrives, and treats some addresses badly, as it is told."""

    refused: set[str] = field(default_factory=set)
    greylisted: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    taken_and_cut: set[str] = field(default_factory=set)
    closing: bool = False
    messages: list[Message] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's form
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        del server, session, options
        if self.closing:
            return "421 Closing"
        if address in self.refused:
            return "550 No such mailbox"
        if address in self.greylisted:
            self.greylisted.remove(address)
            return "451 Come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        del session
        [recipient] = envelope.rcpt_tos
        if recipient in self.held:
            self.waiting.append(recipient)
            await self._released.wait()
        self.messages.append(message_from_bytes(envelope.content))
        if recipient in self.taken_and_cut:
            self.taken_and_cut.remove(recipient)
            server.transport.abort()
        return "250 OK"

    @property
    def recipients(self) -> list[str]:
        return sorted(message["To"] for message in self.messages)

    @property
    def message_ids(self) -> set[str]:
        return {message["Message-ID"] for message in self.messages}


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Cut the connection in the middle of the data when the address says so."""
        server: Any = self
        mailbox, recipients = server.event_handler, server.envelope.rcpt_tos
        if recipients and recipients[0] in mailbox.cut:
            mailbox.cut.remove(recipients[0])
            await self.push("354 Go on")
            server.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(mailbox: Mailbox, port: int) -> Iterator[None]:
    """Serve while the context lasts; nobody listens before and after it."""
    controller = _Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.loop.call_soon_threadsafe(mailbox._released.set)
        controller.stop()


async def pass_time(database: Database, seconds: float) -> None:
    """Let the queue's retry clock go on."""
    await database.execute(
        "UPDATE mail SET next_attempt_time = next_attempt_time - make_interval(secs => $1)"
        " WHERE send_time IS NULL",
        seconds,
    )
