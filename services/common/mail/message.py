"""Writes an e-mail as bytes: our letters all have one shape, for which `email` takes far longer.

    multipart/mixed
      multipart/alternative
        text/plain
        multipart/related
          text/html
          image/png ...          shown within the HTML, by `cid:`
      attachments ...

A level that would have one part alone is left out.
"""

import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from services.common.mail.octets import pieces

# Octets of text in an encoded word, so that a header line stays under 76 (RFC 2047).
MAX_ENCODED_WORD_BYTES = 45
MAX_PLAIN_HEADER_CHARACTERS = 900
MAX_BASE64_LINE_CHARACTERS = 76
MAX_LINE_CHARACTERS = 998

# What is joined in the end, once.
Pieces: TypeAlias = list[bytes]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Image:
    """A PNG within the HTML, which names it as `cid:<name>@letter`."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes along. `media_type` may have parameters: `text/plain; charset=utf-8`."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of one e-mail. `html` may be empty."""

    subject: str
    text: str
    html: str = ""
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def message_bytes(headers: Iterable[tuple[str, str]], content: Rendered, *, boundary: str) -> bytes:
    """Write headers, subject and parts, with CRLF. `boundary` occurs in no part.

    ValueError for a header or a name that could become more than that.
    """
    lines = [f"{name}: {_checked(name, value)}" for name, value in headers]
    lines += [f"Subject: {_subject(content.subject)}", "MIME-Version: 1.0"]
    head = "".join(f"{line}\r\n" for line in lines)
    return b"".join((head.encode("ascii"), *_whole(content, boundary)))


def _whole(content: Rendered, boundary: str) -> Pieces:
    shown = _quoted("plain", content.text)
    if content.html:
        page = _page(content.html)
        images = [_image(image) for image in content.images]
        page = _multipart("related", [page, *images], f"{boundary}_r")
        shown = _multipart("alternative", [shown, page], f"{boundary}_a")
    files = [_attachment(file) for file in content.attachments]
    return _multipart("mixed", [shown, *files], boundary)


def _multipart(subtype: str, parts: Sequence[Pieces], boundary: str) -> Pieces:
    """Put parts together, each with its own headers; one alone stays as it is."""
    if len(parts) == 1:
        return parts[0]
    mark = f"--{boundary}\r\n".encode("ascii")
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    body = [piece for part in parts for piece in (mark, *part, b"\r\n")]
    return [head, *body, f"--{boundary}--\r\n".encode("ascii")]


def _image(image: Image) -> Pieces:
    name = _safe_name(image.name)
    head = (
        f"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <{name}@letter>\r\n"
        f'Content-Disposition: inline; filename="{name}.png"\r\n\r\n'
    )
    return [head.encode("ascii"), _base64(image.content)]


def _attachment(file: Attachment) -> Pieces:
    name = _safe_name(file.file_name)
    media_type = _checked("Content-Type", file.media_type)
    head = (
        f"Content-Type: {media_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    )
    return [head.encode("ascii"), _base64(file.content)]


def _base64(content: bytes) -> bytes:
    text = binascii.b2a_base64(content, newline=False)
    lines = range(0, len(text), MAX_BASE64_LINE_CHARACTERS)
    return b"".join([text[at : at + MAX_BASE64_LINE_CHARACTERS] + b"\r\n" for at in lines])


def _safe_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a part of an e-mail has a name that a header cannot carry")
    return name


def _page(html: str) -> Pieces:
    """Write other characters by their numbers, so that the page goes as it is."""
    lines = html.encode("ascii", "xmlcharrefreplace").splitlines()
    if len(max(lines, key=len)) > MAX_LINE_CHARACTERS:
        return _quoted("html", html)
    return _text("html", "7bit", b"\r\n".join([*lines, b""]))


def _quoted(subtype: str, text: str) -> Pieces:
    whole = "\r\n".join([*text.splitlines(), ""])
    return _text(subtype, "quoted-printable", binascii.b2a_qp(whole.encode(), istext=True))


def _text(subtype: str, encoding: str, content: bytes) -> Pieces:
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return [head.encode("ascii"), content]


def _checked(name: str, value: str) -> str:
    """Refuse what would end the header and begin another one."""
    if _CONTROL.search(value) or not value.isascii():
        raise ValueError(f"the header {name} has characters that it cannot carry")
    return value


def _subject(text: str) -> str:
    if len(text) <= MAX_PLAIN_HEADER_CHARACTERS and _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    words = pieces(_CONTROL.sub(" ", text), MAX_ENCODED_WORD_BYTES, MAX_ENCODED_WORD_BYTES)
    return "\r\n ".join(
        f"=?utf-8?b?{binascii.b2a_base64(word, newline=False).decode()}?=" for word in words
    )
