"""Whatever a mail server does: nothing is lost, others flow, and what is stuck can be seen."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from services.common.db.database import Database
from services.common.mail import connections
from services.common.mail.queue import enqueue_mail
from services.common.mail.sender import REFUSED, MailSender, Rendered
from services.common.mail.waiting import MailNotFoundError, TroubledMails, count_waiting
from services.common.operators import Operator
from tests.integration.common.mail_servers import Mailbox, free_port, pass_time, serving
from tests.integration.common.parts import background, until

OPERATOR = Operator("op-1", ["operator"], str(uuid4()))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def mailbox(port: int) -> Iterator[Mailbox]:
    mailbox = Mailbox()
    with serving(mailbox, port):
        yield mailbox


async def render(mail: Any) -> Rendered:
    return Rendered(f"About {mail.facts['thing']}", "text", "<p>html</p>")


def a_sender(db: Database, port: int) -> MailSender:
    return MailSender(db, render, "127.0.0.1", port, "Parterre <tickets@example.test>")


async def enqueue(db: Database, *names: str) -> None:
    async with db.transaction() as tx:
        for name in names:
            await enqueue_mail(
                tx, key=name, kind="TOLD", recipient=address(name), facts={"thing": name}
            )
        await tx.commit()


def address(name: str) -> str:
    return f"{name}@example.test"


async def send_all(sender: MailSender) -> None:
    while await sender.send_due():
        pass


async def test_ten_minutes_without_a_mail_server_lose_nothing_and_cost_no_attempt(
    db: Database, port: int
) -> None:
    names = [f"n{number:02d}" for number in range(30)]
    await enqueue(db, *names)
    sender = a_sender(db, port)

    for _ in range(20):
        await send_all(sender)
        await pass_time(db, 30)
    meanwhile = await TroubledMails(db).list(after=None, page_size=100)
    most_attempts = await db.fetchval("SELECT max(attempts) FROM mail")
    mailbox = Mailbox()
    with serving(mailbox, port):
        await pass_time(db, 30)
        await send_all(sender)

    assert meanwhile
    assert {mail.last_problem for mail in meanwhile} == {"SMTPConnectError"}
    assert most_attempts == 0
    assert mailbox.recipients == [address(name) for name in names]
    assert await TroubledMails(db).list(after=None, page_size=100) == []


async def test_a_server_that_says_it_is_closing_is_as_one_that_is_away(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    mailbox.closing = True
    await enqueue(db, "a")
    sender = a_sender(db, port)

    await sender.send_due()
    [waiting] = await TroubledMails(db).list(after=None, page_size=10)
    mailbox.closing = False
    await pass_time(db, 60)
    await sender.send_due()

    assert (waiting.attempts, waiting.last_problem) == (0, "SMTPRecipientRefused 421")
    assert mailbox.recipients == [address("a")]


async def test_slow_emails_hold_up_no_others(db: Database, port: int, mailbox: Mailbox) -> None:
    slow = [f"s{number}" for number in range(connections.MAX_CONNECTIONS - 1)]
    mailbox.held = {address(name) for name in slow}
    await enqueue(db, *slow)
    sender = a_sender(db, port)

    async with background(sender.run):
        await until(lambda: _is(len(mailbox.waiting) == len(slow)))
        await enqueue(db, *(f"q{number:02d}" for number in range(25)))
        await until(lambda: _is(len(mailbox.messages) == 25))
        left = await count_waiting(db)

    assert all(recipient.startswith("q") for recipient in mailbox.recipients)
    assert left.new >= len(slow)


async def test_retries_never_take_the_last_connection(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    slow = [f"s{number}" for number in range(connections.MAX_CONNECTIONS + 2)]
    mailbox.held = {address(name) for name in slow}
    await enqueue(db, *slow)
    await db.execute("UPDATE mail SET attempts = 3")

    async with background(a_sender(db, port).run):
        await until(lambda: _is(len(mailbox.waiting) == connections.MAX_CONNECTIONS - 1))
        await enqueue(db, "quick")
        await until(lambda: _is(mailbox.recipients == [address("quick")]))

    assert len(mailbox.waiting) == connections.MAX_CONNECTIONS - 1


async def test_an_email_that_takes_too_long_is_tried_again(
    db: Database, port: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SMTP_TIMEOUT_S", 0.3)
    mailbox.held = {address("a")}
    await enqueue(db, "a")
    sender = a_sender(db, port)

    await sender.send_due()
    [waiting] = await TroubledMails(db).list(after=None, page_size=10)
    mailbox.held = set()
    await pass_time(db, 900)
    await sender.send_due()

    assert (waiting.attempts, waiting.is_given_up) == (1, False)
    assert "Timeout" in waiting.last_problem
    assert mailbox.recipients == [address("a")]


async def test_a_refused_address_is_given_up_in_the_end_and_the_others_flow(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    mailbox.refused = {address("gone")}
    await enqueue(db, "gone", "a", "b")
    sender = a_sender(db, port)

    await sender.send_due()
    others = mailbox.recipients
    [after_one] = await TroubledMails(db).list(after=None, page_size=10)
    for _ in range(REFUSED.max_attempts + 2):
        await pass_time(db, 900)
        await sender.send_due()
    [in_the_end] = await TroubledMails(db).list(after=None, page_size=10)

    assert others == [address("a"), address("b")]
    assert (after_one.attempts, after_one.is_given_up) == (1, False)
    assert (in_the_end.attempts, in_the_end.is_given_up) == (REFUSED.max_attempts, True)
    assert in_the_end.last_problem == "SMTPRecipientRefused 550"
    assert (await count_waiting(db)).given_up == 1


async def test_greylisting_only_delays(db: Database, port: int, mailbox: Mailbox) -> None:
    mailbox.greylisted = {address("a")}
    await enqueue(db, "a", "b")
    sender = a_sender(db, port)

    await sender.send_due()
    first = mailbox.recipients
    [waiting] = await TroubledMails(db).list(after=None, page_size=10)
    await pass_time(db, 900)
    await sender.send_due()

    assert first == [address("b")]
    assert (waiting.attempts, waiting.last_problem) == (1, "SMTPRecipientRefused 451")
    assert mailbox.recipients == [address("a"), address("b")]
    assert await TroubledMails(db).list(after=None, page_size=10) == []


async def test_a_connection_cut_in_the_middle_of_the_data_loses_nothing(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    mailbox.cut = {address("a")}
    names = ["a", *(f"b{number}" for number in range(8))]
    await enqueue(db, *names)
    sender = a_sender(db, port)

    await sender.send_due()
    first = mailbox.recipients
    await pass_time(db, 900)
    await send_all(sender)

    assert first == [address(name) for name in names[1:]]
    assert mailbox.recipients == [address(name) for name in names]


async def test_what_was_taken_before_the_connection_broke_comes_again_under_the_same_id(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    mailbox.taken_and_cut = {address("a")}
    await enqueue(db, "a")
    sender = a_sender(db, port)

    await sender.send_due()
    await pass_time(db, 900)
    await sender.send_due()

    assert mailbox.recipients == [address("a")] * 2
    assert len(mailbox.message_ids) == 1


async def test_an_operator_lets_a_given_up_email_be_tried_again(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    await enqueue(db, "a")
    await db.execute(
        "UPDATE mail SET attempts = 6, last_problem = 'X', give_up_time = clock_timestamp()"
    )
    mails = TroubledMails(db)
    [stuck] = await mails.list(after=None, page_size=10)

    await mails.retry(stuck.id, OPERATOR)
    await a_sender(db, port).send_due()
    await mails.retry(stuck.id, OPERATOR)

    assert mailbox.recipients == [address("a")]
    assert await mails.list(after=None, page_size=10) == []
    assert await db.fetchval("SELECT count(*) FROM audit WHERE action = 'RetryMail'") == 1


async def test_a_discarded_email_is_never_tried_again(
    db: Database, port: int, mailbox: Mailbox
) -> None:
    await enqueue(db, "a")
    await db.execute("UPDATE mail SET last_problem = 'X'")
    mails = TroubledMails(db)
    [stuck] = await mails.list(after=None, page_size=10)

    await mails.discard(stuck.id, OPERATOR)
    await mails.retry(stuck.id, OPERATOR)
    tried = await a_sender(db, port).send_due()

    assert (tried, mailbox.messages) == (0, [])
    assert await mails.list(after=None, page_size=10) == []


async def test_an_unknown_email_is_said_to_be_unknown(db: Database) -> None:
    with pytest.raises(MailNotFoundError):
        await TroubledMails(db).retry(uuid4(), OPERATOR)


async def test_emails_in_trouble_are_listed_by_page_oldest_first(db: Database) -> None:
    for name in ("a", "b", "c"):
        await enqueue(db, name)
    await db.execute("UPDATE mail SET last_problem = 'X'")
    mails = TroubledMails(db)

    first = await mails.list(after=None, page_size=2)
    rest = await mails.list(after=(first[-1].create_time, first[-1].id), page_size=2)

    times = [mail.create_time for mail in (*first, *rest)]
    assert (len(first), len(rest)) == (2, 1)
    assert times == sorted(times)


async def test_what_is_too_large_for_the_queue_is_refused_at_once(db: Database) -> None:
    async with db.transaction() as tx:
        with pytest.raises(ValueError, match="too large"):
            await enqueue_mail(
                tx, key="k", kind="TOLD", recipient=address("a"), facts={"thing": "x" * 20_000}
            )


async def _is(value: bool) -> bool:  # noqa: FBT001
    return value
