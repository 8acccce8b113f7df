"""Connections to a mail server: a few, so that one slow e-mail holds up no other."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from aiosmtplib import (
    SMTP,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPResponseException,
    SMTPStatus,
)

MAX_CONNECTIONS = 4
CONNECT_TIMEOUT_S = 5.0
SMTP_TIMEOUT_S = 10.0
SERVICE_NOT_AVAILABLE = 421
FIRST_PERMANENT_CODE = 500


class Trouble(Enum):
    """Why an e-mail was not taken."""

    SERVER_AWAY = "SERVER_AWAY"  # Nobody could be asked: this says nothing about the e-mail.
    NOT_NOW = "NOT_NOW"  # A refusal for now, a time limit, or a connection that broke.
    REFUSED = "REFUSED"  # The server says that it will never take it.


class NotSentError(Exception):
    """The server did not take it. `problem` has no words of the server: they may hold addresses."""

    def __init__(self, trouble: Trouble, problem: str) -> None:
        super().__init__(problem)
        self.trouble = trouble
        self.problem = problem


@dataclass(slots=True)
class Connection:
    """One connection, opened when it is needed and again when it was lost."""

    host: str
    port: int
    smtp: SMTP | None = None

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Send within `SMTP_TIMEOUT_S`, connecting included; NotSentError.

        After anything but a plain refusal the connection is given up.
        """
        try:
            async with asyncio.timeout(SMTP_TIMEOUT_S):
                smtp = await self._connected()
                await _hand_over(smtp, sender, recipient, message)
        except (SMTPException, OSError, ValueError) as error:
            problem = _not_sent(error)
            if not isinstance(error, SMTPResponseException):
                self.hang_up()
            raise problem from error
        except BaseException:
            self.hang_up()
            raise

    def hang_up(self) -> None:
        if self.smtp is not None:
            with suppress(Exception):
                self.smtp.close()
            self.smtp = None

    async def _connected(self) -> SMTP:
        if self.smtp is None or not self.smtp.is_connected:
            self.hang_up()
            smtp = SMTP(hostname=self.host, port=self.port, timeout=SMTP_TIMEOUT_S, start_tls=False)
            self.smtp = smtp
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    await smtp.connect()
            except (SMTPException, OSError) as error:
                raise SMTPConnectError(type(error).__name__) from error
        return self.smtp


@dataclass(slots=True)
class Connections:
    """The connections of a process. Repeats may use all but one of them."""

    host: str
    port: int
    _all: tuple[Connection, ...] = field(init=False)
    _idle: "asyncio.LifoQueue[Connection]" = field(init=False)
    _for_retries: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._all = tuple(Connection(self.host, self.port) for _ in range(MAX_CONNECTIONS))
        self._idle = asyncio.LifoQueue()
        for connection in self._all:
            self._idle.put_nowait(connection)
        self._for_retries = asyncio.Semaphore(MAX_CONNECTIONS - 1)

    async def send(self, sender: str, recipient: str, message: bytes, *, is_retry: bool) -> None:
        """Send over the connection that is free first; NotSentError."""
        if not is_retry:
            await self._send(sender, recipient, message)
            return
        async with self._for_retries:
            await self._send(sender, recipient, message)

    def hang_up(self) -> None:
        """Close all of them; each is opened again when it is needed."""
        for connection in self._all:
            connection.hang_up()

    async def _send(self, sender: str, recipient: str, message: bytes) -> None:
        connection = await self._idle.get()
        try:
            await connection.send(sender, recipient, message)
        finally:
            self._idle.put_nowait(connection)


async def _hand_over(smtp: SMTP, sender: str, recipient: str, message: bytes) -> None:
    """Send as `sendmail` does, which takes half a millisecond to look for ends of lines to correct.

    The caller's time limit holds for all of it; one for each command would be a timer for each.
    """
    content = _content(message)
    try:
        await smtp.mail(sender, timeout=None)
        await smtp.rcpt(recipient, timeout=None)
        answer = await smtp.execute_command(b"DATA", timeout=None)
        if answer.code == SMTPStatus.start_input and smtp.protocol is not None:
            smtp.protocol.write(content)
            answer = await smtp.protocol.read_response()
        if answer.code != SMTPStatus.completed:
            raise SMTPDataError(answer.code, answer.message)
    except SMTPResponseException:
        with suppress(SMTPException):
            await smtp.rset()
        raise


def _content(message: bytes) -> bytes:
    """End the message with a dot; lines that begin with one get another."""
    ends = len(message) - len(message.translate(None, b"\r\n"))
    if not message.endswith(b"\r\n") or ends != 2 * message.count(b"\r\n"):
        raise ValueError("a line of the message does not end with CRLF")
    return (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _not_sent(error: Exception) -> NotSentError:
    name = type(error).__name__
    if isinstance(error, SMTPResponseException):
        if error.code == SERVICE_NOT_AVAILABLE:
            return NotSentError(Trouble.SERVER_AWAY, f"{name} {error.code}")
        permanent = error.code >= FIRST_PERMANENT_CODE
        trouble = Trouble.REFUSED if permanent else Trouble.NOT_NOW
        return NotSentError(trouble, f"{name} {error.code}")
    if isinstance(error, SMTPConnectError):
        return NotSentError(Trouble.SERVER_AWAY, name)
    if isinstance(error, ValueError):  # An address that no server would take.
        return NotSentError(Trouble.REFUSED, name)
    return NotSentError(Trouble.NOT_NOW, name)
