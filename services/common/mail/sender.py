"""Sends queued e-mails over SMTP, again and again until the mail server takes them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate, parseaddr

from aiosmtplib import SMTP, SMTPException
from prometheus_client import Counter

from services.common.db.database import Database
from services.common.logging import get_logger
from services.common.mail.message import Rendered, message_bytes
from services.common.mail.queue import Mail, note_failed, note_sent, take_due

__all__ = ["MailSender", "Render", "Rendered"]

POLL_INTERVAL_MS = 800
MAX_MAILS_PER_ROUND = 20
SMTP_TIMEOUT_S = 10.0
SERVER_DOWN_WAIT_S = 1.0

_log = get_logger(__name__)
_mails = Counter("mail_attempts_total", "Attempts to send an e-mail.", ["kind", "outcome"])


# Makes the content; may call other services. Raises a refusal when it cannot be made now.
Render = Callable[[Mail], Awaitable[Rendered]]


@dataclass(slots=True)
class MailSender:
    """Sends from `sender` through the SMTP server at `host` and `port`, over one connection."""

    database: Database
    render: Render
    host: str
    port: int
    sender: str
    _smtp: SMTP | None = None
    _address: str = field(init=False)

    def __post_init__(self) -> None:
        self._address = parseaddr(self.sender)[1]

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                if await self.send_due() < MAX_MAILS_PER_ROUND:
                    await asyncio.sleep(POLL_INTERVAL_MS / 1_000)
        finally:
            self._hang_up()

    async def send_due(self) -> int:
        """Send what is due; tells how many e-mails were tried."""
        mails = await take_due(self.database, MAX_MAILS_PER_ROUND)
        if not mails:
            return 0
        try:
            smtp = await self._connected()
        except (SMTPException, OSError) as error:
            for mail in mails:
                await self._note_failure(mail, error)
            await asyncio.sleep(SERVER_DOWN_WAIT_S)
            return len(mails)
        sent: list[Mail] = []
        # Together, so that what they are made of can be read together.
        contents = await asyncio.gather(*map(self.render, mails), return_exceptions=True)
        try:
            for mail, content in zip(mails, contents, strict=True):
                if isinstance(content, BaseException):
                    await self._note_failure(mail, content)
                elif await self._send(smtp, mail, content):
                    sent.append(mail)
        finally:
            await self._note_sent(sent)
        return len(mails)

    async def _connected(self) -> SMTP:
        """Give the connection, or a new one when the server has closed it meanwhile."""
        if self._smtp is None or not self._smtp.is_connected:
            self._hang_up()
            self._smtp = SMTP(
                hostname=self.host, port=self.port, timeout=SMTP_TIMEOUT_S, start_tls=False
            )
            await self._smtp.connect()
        return self._smtp

    def _hang_up(self) -> None:
        if self._smtp is not None:
            with suppress(Exception):
                self._smtp.close()
            self._smtp = None

    async def _send(self, smtp: SMTP, mail: Mail, content: Rendered) -> bool:
        try:
            message = self._message(mail, content)
            if not smtp.is_connected:
                await smtp.connect()
            await smtp.sendmail(self._address, [mail.recipient], message)
        except Exception as error:  # noqa: BLE001 - one bad e-mail must not hold up the others.
            await self._note_failure(mail, error)
            return False
        _mails.labels(mail.kind, "sent").inc()
        return True

    async def _note_sent(self, mails: Sequence[Mail]) -> None:
        if mails:
            await note_sent(self.database, mails)

    async def _note_failure(self, mail: Mail, error: BaseException) -> None:
        # The class only: what a mail server says may contain the address.
        problem = type(error).__name__
        _log.warning("mail_not_sent", mail_id=str(mail.id), kind=mail.kind, problem=problem)
        await note_failed(self.database, mail, problem)
        _mails.labels(mail.kind, "failed").inc()

    def _message(self, mail: Mail, content: Rendered) -> bytes:
        headers = (
            ("From", self.sender),
            ("To", mail.recipient),
            ("Message-ID", mail.message_id(self._address.rpartition("@")[2])),
            ("Date", formatdate(usegmt=True)),
            ("Auto-Submitted", "auto-generated"),
        )
        return message_bytes(headers, content, boundary=f"=_{mail.id.hex}")
