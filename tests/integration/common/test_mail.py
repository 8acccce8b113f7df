import socket
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from services.common.lookout import Lookout
from services.common.mail import sender as sender_module
from services.common.mail.connections import Connections, NotSentError, Trouble
from services.common.mail.queue import MAILS_ARE_DUE, enqueue_mail
from services.common.mail.sender import MAX_NEW_MAILS_AT_ONCE, MailSender, Rendered
from tests.integration.common.parts import background, until


class Mailbox:
    """Keeps what arrives; refuses the first `refusals` e-mails."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.messages: list[Any] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's form
        if self.refusals:
            self.refusals -= 1
            return "451 Try again"
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def port(mailbox):
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


async def render(mail) -> Rendered:
    return Rendered(f"About {mail.facts['thing']}", "text", "<p>html</p>")


def a_sender(db, port: int) -> MailSender:
    return MailSender(db, render, "127.0.0.1", port, "Parterre <tickets@example.test>")


async def enqueue(db, key: str = "told:1") -> None:
    async with db.transaction() as tx:
        await enqueue_mail(
            tx, key=key, kind="TOLD", recipient="a@example.test", facts={"thing": "ă 1"}
        )
        await tx.commit()


async def sent(db, count: int) -> bool:
    return await db.fetchval("SELECT count(*) FROM mail WHERE send_time IS NOT NULL") == count


async def test_an_email_is_sent_once_per_key(db, mailbox, port):
    for _ in range(3):
        await enqueue(db)

    async with background(a_sender(db, port).run):
        await until(lambda: sent(db, 1))

    [message] = mailbox.messages
    assert (message["To"], message["From"]) == ("a@example.test", "Parterre <tickets@example.test>")
    assert message["Message-ID"].endswith("@example.test>")


async def test_an_email_is_sent_when_the_lookout_finds_it(db, mailbox, port, monkeypatch):
    monkeypatch.setattr(sender_module, "POLL_INTERVAL_MS", 0)
    monkeypatch.setattr(sender_module, "COUNT_INTERVAL_S", 3_600.0)
    lookout, sender = Lookout(db, interval_ms=50), a_sender(db, port)
    sender.due = lookout.event_for(MAILS_ARE_DUE)

    async with background(sender.run), background(lookout.run):
        await enqueue(db, "told:1")
        await until(lambda: sent(db, 1))
        await enqueue(db, "told:2")
        await until(lambda: sent(db, 2))

    assert len(mailbox.messages) == 2


async def test_an_email_is_sent_though_nobody_looks_out(db, mailbox, port, monkeypatch):
    monkeypatch.setattr(sender_module, "POLL_INTERVAL_MS", 0)
    monkeypatch.setattr(sender_module, "COUNT_INTERVAL_S", 0.1)

    async with background(a_sender(db, port).run):
        await enqueue(db, "told:1")
        await until(lambda: sent(db, 1))
        await enqueue(db, "told:2")
        await until(lambda: sent(db, 2))

    assert len(mailbox.messages) == 2


async def test_a_sender_with_any_name_can_be_read(db, mailbox, port):
    await enqueue(db)

    await MailSender(db, render, "127.0.0.1", port, "Cinéma <tickets@example.test>").send_due()

    [message] = mailbox.messages
    name, address = parseaddr(str(make_header(decode_header(message["From"]))))
    assert (name, address) == ("Cinéma", "tickets@example.test")


async def test_an_email_of_a_transaction_that_rolls_back_is_not_sent(db, mailbox, port):
    async with db.transaction() as tx:
        await enqueue_mail(tx, key="k", kind="TOLD", recipient="a@example.test", facts={})

    assert await a_sender(db, port).send_due() == 0
    assert mailbox.messages == []


async def test_a_refused_email_is_tried_again_under_the_same_message_id(db, mailbox, port):
    mailbox.refusals = 1
    await enqueue(db)
    sender = a_sender(db, port)

    await sender.send_due()
    before = await db.fetchrow("SELECT attempts, last_problem, send_time FROM mail")
    for _ in range(2):
        await db.execute("UPDATE mail SET next_attempt_time = clock_timestamp(), send_time = NULL")
        await sender.send_due()

    assert tuple(before) == (1, "SMTPDataError 451", None)
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1
    assert len(mailbox.messages) == 2


async def test_nobody_else_gets_an_email_that_is_being_sent(db, port):
    await enqueue(db)
    sender = a_sender(db, port)
    async with db.transaction() as tx:
        await tx.driver.execute("SELECT FROM mail FOR UPDATE")
        while_locked = await sender.send_due()

    assert while_locked == 0
    assert await sender.send_due() == 1


async def test_a_queue_of_many_is_sent_without_a_pause(db, mailbox, port, monkeypatch):
    monkeypatch.setattr("services.common.mail.sender.POLL_INTERVAL_MS", 60_000)
    count = 2 * MAX_NEW_MAILS_AT_ONCE + 1
    for number in range(count):
        await enqueue(db, f"told:{number}")

    async with background(a_sender(db, port).run):
        await until(lambda: sent(db, count))

    assert len(mailbox.messages) == count


async def test_lines_that_begin_with_dots_come_as_they_were(mailbox, port):
    page = ".\r\n..two\r\n.three\r\n"
    message = f"Content-Type: text/html\r\n\r\n{page}".encode()

    await Connections("127.0.0.1", port).send("a@x.test", "b@x.test", message, is_retry=False)

    [received] = mailbox.messages
    assert received.get_payload() == page


@pytest.mark.parametrize("end", [b"\n.\nMAIL FROM:<c@x.test>\r\n", b"\r.\r\n", b"no end"])
async def test_a_message_cannot_say_anything_to_the_server(mailbox, port, end):
    connections = Connections("127.0.0.1", port)

    with pytest.raises(NotSentError) as error:
        await connections.send("a@x.test", "b@x.test", b"Subject: s\r\n\r\n" + end, is_retry=False)
    await connections.send("a@x.test", "b@x.test", b"Subject: t\r\n\r\n", is_retry=False)

    assert error.value.trouble is Trouble.REFUSED
    assert [message["Subject"] for message in mailbox.messages] == ["t"]


async def test_a_mail_server_that_is_down_delays_and_loses_nothing(db):
    await enqueue(db)

    await a_sender(db, free_port()).send_due()

    row = await db.fetchrow("SELECT send_time, give_up_time, last_problem FROM mail")
    assert tuple(row) == (None, None, "SMTPConnectError")
