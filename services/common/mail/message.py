"""Writes an e-mail as bytes: our letters all have one shape, for which `email` takes far longer."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Octets of text in an encoded word, so that a header line stays under 76 (RFC 2047).
MAX_ENCODED_WORD_BYTES = 45
MAX_PLAIN_HEADER_CHARACTERS = 900

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The content of one e-mail. `html` may be empty."""

    subject: str
    text: str
    html: str = ""


def message_bytes(headers: Iterable[tuple[str, str]], content: Rendered, *, boundary: str) -> bytes:
    """Write headers, subject and parts, with CRLF. `boundary` occurs in no part."""
    lines = [f"{name}: {_checked(name, value)}" for name, value in headers]
    lines += [f"Subject: {_subject(content.subject)}", "MIME-Version: 1.0"]
    if not content.html:
        return _joined(lines, _part("plain", content.text))
    lines.append(f'Content-Type: multipart/alternative; boundary="{boundary}"')
    parts = [_part("plain", content.text), _part("html", content.html)]
    return _joined(
        lines, "\r\n", *(f"--{boundary}\r\n{part}\r\n" for part in parts), f"--{boundary}--\r\n"
    )


def _joined(lines: Iterable[str], *rest: str) -> bytes:
    return "".join([*(f"{line}\r\n" for line in lines), *rest]).encode("ascii")


def _part(subtype: str, text: str) -> str:
    whole = "\r\n".join([*text.splitlines(), ""])
    encoded = binascii.b2a_qp(whole.encode(), istext=True).decode("ascii")
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}"
    )


def _checked(name: str, value: str) -> str:
    """Refuse what would end the header and begin another one."""
    if _CONTROL.search(value) or not value.isascii():
        raise ValueError(f"the header {name} has characters that it cannot carry")
    return value


def _subject(text: str) -> str:
    if len(text) <= MAX_PLAIN_HEADER_CHARACTERS and _PLAIN.fullmatch(text) and "=?" not in text:
        return text
    words = (binascii.b2a_base64(word, newline=False).decode() for word in _words(text))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _words(text: str) -> Iterator[bytes]:
    word = b""
    for character in _CONTROL.sub(" ", text):
        more = character.encode()
        if len(word) + len(more) > MAX_ENCODED_WORD_BYTES:
            yield word
            word = b""
        word += more
    yield word
