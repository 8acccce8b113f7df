"""The bytes of our e-mails say, to any reader of e-mails, what was rendered."""

from email import message_from_bytes, policy
from html import unescape

import pytest

from services.common.mail.message import Attachment, Image, Rendered, message_bytes

HEADERS = (("From", "Parterre <tickets@example.test>"), ("To", "a@example.test"))


def read(content: Rendered):
    raw = message_bytes(HEADERS, content, boundary="=_b")
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    return message_from_bytes(raw, policy=policy.default)


def text_of(part) -> str:
    return part.get_content().replace("\r\n", "\n")


def test_a_letter_has_both_forms_and_loses_no_character() -> None:
    text = "Bună ziua, Ștefan.\n\n.a line that begins with a dot\nends with blank \n=?100% = ok\n"
    html = "<p>" + "țară " * 100 + "</p>"

    message = read(Rendered("Biletele: Dună", text, html))

    assert message.get_content_type() == "multipart/alternative"
    assert text_of(message.get_body(("plain",))) == text
    assert text_of(message.get_body(("html",))) == html + "\n"


def test_a_page_is_sent_as_it_is_with_other_characters_by_number() -> None:
    html = "<p>Bună ziua, Ștefan. 🎬</p>\n<p>a &amp; b</p>\n"

    page = read(Rendered("s", "text", html)).get_body(("html",))

    assert page["Content-Transfer-Encoding"] == "7bit"
    assert text_of(page).isascii()
    assert unescape(text_of(page)) == unescape(html)


def test_a_letter_without_html_is_plain_text() -> None:
    message = read(Rendered("Hello", "line\nline"))

    assert (message.get_content_type(), text_of(message)) == ("text/plain", "line\nline\n")


@pytest.mark.parametrize(
    "subject",
    [
        "Your tickets: Dune, order 7Q",
        "Billets : « Amélie »",
        "ș" * 200,
        "=?utf-8?q?x?=",
        "x" * 2_000,
    ],
)
def test_a_subject_comes_back_as_it_was(subject: str) -> None:
    assert read(Rendered(subject, "text"))["Subject"] == subject


def test_a_line_break_in_a_subject_begins_no_header() -> None:
    message = read(Rendered("one\r\nBcc: b@example.test", "text"))

    assert message["Bcc"] is None
    assert message["Subject"] == "one  Bcc: b@example.test"


@pytest.mark.parametrize("recipient", ["a@example.test\r\nBcc: b@example.test", "ă@example.test"])
def test_a_header_that_could_become_two_is_refused(recipient: str) -> None:
    with pytest.raises(ValueError, match="header To"):
        message_bytes([("To", recipient)], Rendered("s", "t"), boundary="=_b")


def test_images_come_within_the_html_and_files_beside_it() -> None:
    content = Rendered(
        "Tickets",
        "text",
        '<img src="cid:T-1@letter">',
        (Image("T-1", b"\x89PNG" * 100),),
        (Attachment("entry.ics", "text/calendar; charset=utf-8; method=PUBLISH", b"BEGIN"),),
    )

    message = read(content)

    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
    ]
    image = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert (image["Content-ID"], image.get_content()) == ("<T-1@letter>", b"\x89PNG" * 100)
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("entry.ics", "text/calendar")
    assert file.get_payload(decode=True) == b"BEGIN"


@pytest.mark.parametrize("name", ['a"b.txt', "a\r\nBcc: x", "../a", "", "é.txt"])
def test_a_file_name_that_a_header_cannot_carry_is_refused(name: str) -> None:
    file = Attachment(name, "text/plain", b"x")

    with pytest.raises(ValueError, match="name"):
        message_bytes(HEADERS, Rendered("s", "t", attachments=(file,)), boundary="=_b")


def test_a_media_type_that_a_header_cannot_carry_is_refused() -> None:
    file = Attachment("a.txt", "text/plain\r\nBcc: x", b"x")

    with pytest.raises(ValueError, match="Content-Type"):
        message_bytes(HEADERS, Rendered("s", "t", attachments=(file,)), boundary="=_b")
