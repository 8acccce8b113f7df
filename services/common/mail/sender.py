"""Sends queued e-mails over SMTP, again and again until the mail server takes them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formataddr, formatdate, parseaddr

from prometheus_client import Counter, Gauge

from services.common.db.database import Database
from services.common.logging import get_logger
from services.common.mail.connections import Connections, NotSentError, Trouble
from services.common.mail.message import Rendered, message_bytes
from services.common.mail.queue import (
    Mail,
    Patience,
    note_failed,
    note_postponed,
    note_sent,
    take_due,
)
from services.common.mail.waiting import count_waiting

__all__ = ["MailSender", "Render", "Rendered"]

# Nobody waits for an e-mail as for an answer: those that come within this time share a round.
POLL_INTERVAL_MS = 800
COUNT_INTERVAL_S = 10.0
# How long a round waits for its e-mails; those that take longer go on beside the next ones.
ROUND_S = 1.0
# All of them are handed over before their term ends, however slow the server is.
MAX_NEW_MAILS_AT_ONCE = 20
MAX_RETRIED_MAILS_AT_ONCE = 4
FIRST_PAUSE_S = 1.0
MAX_PAUSE_S = 30.0
# The server, or what the e-mail is made of, will be better: half a day of tries.
PATIENT = Patience(first_wait_s=2, max_attempts=60)
# The server said never. It may still be its settings that are wrong: half an hour of tries.
REFUSED = Patience(first_wait_s=60, max_attempts=6)

_log = get_logger(__name__)
_mails = Counter("mail_attempts_total", "Attempts to send an e-mail.", ["kind", "outcome"])
_waiting = Gauge("mail_waiting", "E-mails in the queue.", ["state"])
_oldest = Gauge("mail_oldest_seconds", "Age of the oldest e-mail that waits.")
_away = Gauge("mail_server_away", "1 while the mail server cannot be reached.")


# Makes the content; may call other services. Raises a refusal when it cannot be made now.
Render = Callable[[Mail], Awaitable[Rendered]]


@dataclass(slots=True)
class MailSender:
    """Sends from `sender` through the SMTP server at `host` and `port`.

    Every e-mail is a task of its own, over one of a few connections: a slow, refused or broken one
    holds up no other. While the server is away nothing is tried, and no attempt counts. Whoever
    sets `due` has it look for e-mails; once a count's interval it looks by itself.
    """

    database: Database
    render: Render
    host: str
    port: int
    sender: str
    due: asyncio.Event = field(default_factory=asyncio.Event)
    _address: str = field(init=False)
    _from: str = field(init=False)
    _connections: Connections = field(init=False)
    _new: "set[asyncio.Task[None]]" = field(default_factory=set)
    _retried: "set[asyncio.Task[None]]" = field(default_factory=set)
    _sent: list[Mail] = field(default_factory=list)
    _has_more: bool = False
    _is_away: bool = False
    _pause_s: float = 0.0

    def __post_init__(self) -> None:
        name, self._address = parseaddr(self.sender)
        self._from = formataddr((name, self._address))  # A name may need encoding.
        self._connections = Connections(self.host, self.port)

    async def run(self) -> None:
        """Work until cancelled; what is under way then may be sent again by another."""
        loop = asyncio.get_running_loop()
        count_at = loop.time()
        try:
            while True:
                if loop.time() >= count_at:
                    await self._count()
                    count_at = loop.time() + COUNT_INTERVAL_S
                self.due.clear()
                started = await self._start_due()
                if started:
                    await asyncio.wait(started, timeout=ROUND_S)
                await self._note_sent()
                if self._is_away:
                    self._pause_s = min(max(FIRST_PAUSE_S, self._pause_s * 2), MAX_PAUSE_S)
                    await asyncio.sleep(self._pause_s)
                elif not self._has_more:
                    await asyncio.sleep(POLL_INTERVAL_MS / 1_000)
                    await self._until_due()
        finally:
            await self._stop()

    async def send_due(self) -> int:
        """Send what is due, and wait for it; tells how many e-mails were tried."""
        started = await self._start_due()
        if started:
            await asyncio.wait(started)
        await self._note_sent()
        return len(started)

    async def _until_due(self) -> None:
        """Wait for work, unless there is some: what is sent is noted soon."""
        if not (self._new or self._retried or self._sent):
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNT_INTERVAL_S):
                    await self.due.wait()

    async def _start_due(self) -> "list[asyncio.Task[None]]":
        new = MAX_NEW_MAILS_AT_ONCE - len(self._new)
        retried = MAX_RETRIED_MAILS_AT_ONCE - len(self._retried)
        if self._is_away:  # One of them finds out whether the server is back.
            new, retried = min(new, 1), min(retried, 1)
        mails = await take_due(self.database, new, retry_limit=retried)
        taken = sum(mail.attempts == 1 for mail in mails)
        self._has_more = 0 < new <= taken or 0 < retried <= len(mails) - taken
        return [self._start(mail) for mail in mails]

    def _start(self, mail: Mail) -> "asyncio.Task[None]":
        under_way = self._new if mail.attempts == 1 else self._retried
        task = asyncio.create_task(self._deliver(mail))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return task

    async def _deliver(self, mail: Mail) -> None:
        try:
            message = self._message(mail, await self.render(mail))
            await self._connections.send(
                self._address, mail.recipient, message, is_retry=mail.attempts > 1
            )
        except NotSentError as error:
            await self._note_not_sent(mail, error)
        except Exception as error:  # noqa: BLE001 - one bad e-mail must not hold up the others.
            await self._note_failed(mail, type(error).__name__, PATIENT)
        else:
            self._is_away, self._pause_s = False, 0.0
            _away.set(0)
            self._sent.append(mail)
            _mails.labels(mail.kind, "sent").inc()

    async def _note_not_sent(self, mail: Mail, error: NotSentError) -> None:
        match error.trouble:
            case Trouble.REFUSED:
                await self._note_failed(mail, error.problem, REFUSED)
            case Trouble.NOT_NOW:
                await self._note_failed(mail, error.problem, PATIENT)
            case Trouble.SERVER_AWAY:
                await self._note_away(mail, error.problem)

    async def _note_away(self, mail: Mail, problem: str) -> None:
        if not self._is_away:
            _log.warning("mail_server_away", problem=problem)
        self._is_away = True
        _away.set(1)
        _mails.labels(mail.kind, "postponed").inc()
        await note_postponed(self.database, mail, problem, max(FIRST_PAUSE_S, self._pause_s))

    async def _note_failed(self, mail: Mail, problem: str, patience: Patience) -> None:
        # No words of others: what a mail server says may contain the address.
        given_up = await note_failed(self.database, mail, problem, patience)
        outcome = "given_up" if given_up else "failed"
        _log.warning(
            "mail_not_sent", mail_id=str(mail.id), kind=mail.kind, problem=problem, outcome=outcome
        )
        _mails.labels(mail.kind, outcome).inc()

    async def _note_sent(self) -> None:
        sent, self._sent = self._sent, []
        if sent:
            await note_sent(self.database, sent)

    async def _count(self) -> None:
        counts = await count_waiting(self.database)
        _waiting.labels("new").set(counts.new)
        _waiting.labels("retried").set(counts.retried)
        _waiting.labels("given_up").set(counts.given_up)
        _oldest.set(counts.oldest_s)

    async def _stop(self) -> None:
        tasks = [*self._new, *self._retried]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._connections.hang_up()
        await self._note_sent()

    def _message(self, mail: Mail, content: Rendered) -> bytes:
        headers = (
            ("From", self._from),
            ("To", mail.recipient),
            ("Message-ID", mail.message_id(self._address.rpartition("@")[2])),
            ("Date", formatdate(usegmt=True)),
            ("Auto-Submitted", "auto-generated"),
        )
        return message_bytes(headers, content, boundary=f"=_{mail.id.hex}")
