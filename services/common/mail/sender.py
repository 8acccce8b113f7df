"""Sends queued e-mails over SMTP, again and again until the mail server takes them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

from aiosmtplib import SMTP, SMTPException
from prometheus_client import Counter

from services.common.db.database import Database
from services.common.logging import get_logger
from services.common.mail.queue import Mail, note_failed, note_sent, take_due

POLL_INTERVAL_MS = 250
MAX_MAILS_PER_ROUND = 20
SMTP_TIMEOUT_S = 10.0
SERVER_DOWN_WAIT_S = 1.0

_log = get_logger(__name__)
_mails = Counter("mail_attempts_total", "Attempts to send an e-mail.", ["kind", "outcome"])


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of one e-mail. `html` may be empty."""

    subject: str
    text: str
    html: str = ""


# Makes the content; may call other services. Raises a refusal when it cannot be made now.
Render = Callable[[Mail], Awaitable[Rendered]]


@dataclass(frozen=True, slots=True)
class MailSender:
    """Sends from `sender` through the SMTP server at `host` and `port`."""

    database: Database
    render: Render
    host: str
    port: int
    sender: str

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if await self.send_due() < MAX_MAILS_PER_ROUND:
                await asyncio.sleep(POLL_INTERVAL_MS / 1_000)

    async def send_due(self) -> int:
        """Send what is due, over one connection; tells how many e-mails were tried."""
        mails = await take_due(self.database, MAX_MAILS_PER_ROUND)
        if not mails:
            return 0
        smtp = SMTP(hostname=self.host, port=self.port, timeout=SMTP_TIMEOUT_S, start_tls=False)
        try:
            await smtp.connect()
        except (SMTPException, OSError) as error:
            for mail in mails:
                await self._note_failure(mail, error)
            await asyncio.sleep(SERVER_DOWN_WAIT_S)
            return len(mails)
        try:
            for mail in mails:
                await self._send(smtp, mail)
        finally:
            smtp.close()
        return len(mails)

    async def _send(self, smtp: SMTP, mail: Mail) -> None:
        try:
            message = self._message(mail, await self.render(mail))
            if not smtp.is_connected:
                await smtp.connect()
            await smtp.send_message(message)
        except Exception as error:  # noqa: BLE001 - one bad e-mail must not hold up the others.
            await self._note_failure(mail, error)
            return
        await note_sent(self.database, mail)
        _mails.labels(mail.kind, "sent").inc()

    async def _note_failure(self, mail: Mail, error: Exception) -> None:
        # The class only: what a mail server says may contain the address.
        problem = type(error).__name__
        _log.warning("mail_not_sent", mail_id=str(mail.id), kind=mail.kind, problem=problem)
        await note_failed(self.database, mail, problem)
        _mails.labels(mail.kind, "failed").inc()

    def _message(self, mail: Mail, content: Rendered) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = content.subject
        message["Message-ID"] = mail.message_id(self.sender.rpartition("@")[2].strip("> "))
        message["Date"] = formatdate(usegmt=True)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(content.text)
        if content.html:
            message.add_alternative(content.html, subtype="html")
        return message
