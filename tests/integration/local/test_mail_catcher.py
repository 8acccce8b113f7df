from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import aiosmtplib
import pytest

from deploy.local.child import Command
from deploy.local.environment import PROJECT, inherited, python_module
from deploy.local.mailbox import INDEX_FILE, list_mails, read_mail, text_of
from deploy.local.part import Part, RunningPart
from deploy.local.ports import Ports
from deploy.local.readiness import accepts_connections
from services.common.mail.message import Attachment, Image, Rendered, message_bytes


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return Ports(tmp_path / "ports.json")


@pytest.fixture
async def mailbox(tmp_path: Path, ports: Ports) -> AsyncIterator[Path]:
    folder = tmp_path / "mail"
    smtp, page = ports.address_of("smtp"), ports.address_of("mailbox")
    arguments = ("--smtp", smtp, "--http", page, "--folder", str(folder))
    command = Command(python_module("deploy.local.mail_catcher", *arguments), inherited(), PROJECT)

    async def ready() -> bool:
        return await accepts_connections(page)

    running = RunningPart(Part("mail", lambda: command, ready), tmp_path)
    await running.start()
    await running.wait_ready()
    yield folder
    await running.stop()


async def send(ports: Ports, subject: str, to: str, text: str = "Hello") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "tickets@parterre.example", to, subject
    message.set_content(text)
    await aiosmtplib.send(message, hostname="127.0.0.1", port=ports.of("smtp"), start_tls=False)


async def test_a_message_is_kept_whole_and_found_by_its_recipient(
    mailbox: Path, ports: Ports
) -> None:
    await send(ports, "Biletele dumneavoastră", "ana@example.org", "Sala 3, rândul K")
    await send(ports, "Your tickets", "bob@example.org")

    (mail,) = list_mails(mailbox, "ana@example.org")

    assert mail.subject == "Biletele dumneavoastră"
    assert "Sala 3, rândul K" in text_of(read_mail(mailbox, mail))
    assert len(list_mails(mailbox)) == 2


async def test_lines_that_begin_or_end_with_dots_come_as_they_were(
    mailbox: Path, ports: Ports
) -> None:
    text = ".\n..two dots\nThe end.\n.\nNot yet.\n"

    await send(ports, "Dots", "ana@example.org", text)

    (mail,) = list_mails(mailbox)
    assert text_of(read_mail(mailbox, mail)).replace("\r\n", "\n") == text


async def test_the_page_shows_messages_and_nothing_of_their_markup(
    mailbox: Path, ports: Ports
) -> None:
    await send(ports, "<script>alert(1)</script>", "ana@example.org", "code 42")
    base = f"http://{ports.address_of('mailbox')}"

    async with aiohttp.ClientSession() as session:
        page = await (await session.get(f"{base}/")).text()
        listed = await (await session.get(f"{base}/messages?to=ana@example.org")).json()
        (mail,) = listed["messages"]
        one = await (await session.get(f"{base}/messages/{mail['id']}")).json()
        unknown = await session.get(f"{base}/messages/nothing")

    assert "<script>" not in page
    assert one["text"].strip() == "code 42"
    assert unknown.status == 404


LETTER = (
    "<html><body onload=alert(1)><script>alert(1)</script><p>Hello</p>"
    '<img src="cid:code@letter"><img src="https://elsewhere.example/x.png"></body></html>'
)


async def send_letter(ports: Ports) -> None:
    content = Rendered(
        "A letter",
        "Hello <b>in text</b>",
        LETTER,
        (Image("code", b"\x89PNG..."),),
        (Attachment("entry.ics", "text/calendar; charset=utf-8", b"BEGIN:VCALENDAR"),),
    )
    headers = [("From", "tickets@parterre.example"), ("To", "ana@example.org")]
    await aiosmtplib.send(
        message_bytes(headers, content, boundary="=_b"),
        sender="tickets@parterre.example",
        recipients=["ana@example.org"],
        hostname="127.0.0.1",
        port=ports.of("smtp"),
        start_tls=False,
    )


async def test_a_message_is_shown_with_its_html_behind_bars_its_text_and_its_files(
    mailbox: Path, ports: Ports
) -> None:
    await send_letter(ports)
    (mail,) = list_mails(mailbox)
    base = f"http://{ports.address_of('mailbox')}/mails/{mail.id}"

    async with aiohttp.ClientSession() as session:
        page = await session.get(base)
        page_text = await page.text()
        letter = await session.get(f"{base}/letter")
        letter_text = await letter.text()
        file = await session.get(f"{base}/attachments/0")
        content = await file.read()
        no_file = await session.get(f"{base}/attachments/7")

    assert 'sandbox=""' in page_text
    assert "<script>" not in page_text
    assert "Hello &lt;b&gt;in text&lt;/b&gt;" in page_text
    assert "entry.ics" in page_text
    policy = letter.headers["Content-Security-Policy"]
    assert policy.endswith("; sandbox")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert 'src="data:image/png;base64,' in letter_text
    assert (content, no_file.status) == (b"BEGIN:VCALENDAR", 404)
    assert file.headers["Content-Disposition"] == 'attachment; filename="entry.ics"'


def test_a_half_written_line_of_the_index_is_left_out(tmp_path: Path) -> None:
    (tmp_path / INDEX_FILE).write_text('{"id": "1", "fi')

    assert list_mails(tmp_path) == []
