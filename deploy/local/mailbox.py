"""The local mailbox: every message as an .eml file, and an index with one JSON object a line."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

INDEX_FILE = "index.jsonl"

# The policies that decode headers themselves take ten times as long.
_HEADERS = BytesHeaderParser(policy=policy.compat32)


@dataclass(frozen=True)
class Mail:
    """One received message; `received_at` is RFC 3339 in UTC, `file` is relative to the mailbox."""

    id: str
    file: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    received_at: str


def store_mail(folder: Path, sender: str, recipients: list[str], content: bytes) -> Mail:
    """Keep a message, then list it, so that a listed message can always be read."""
    headers = _HEADERS.parsebytes(content.partition(b"\r\n\r\n")[0])
    now = datetime.now(UTC)
    mail_id = f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(3)}"
    mail = Mail(
        id=mail_id,
        file=f"{mail_id}.eml",
        sender=sender,
        recipients=tuple(recipients),
        subject=_readable(headers.get("Subject", "")),
        message_id=headers.get("Message-ID", ""),
        received_at=now.isoformat(),
    )
    (folder / mail.file).write_bytes(content)
    with (folder / INDEX_FILE).open("a") as index:
        index.write(json.dumps(vars(mail)) + "\n")
    return mail


def list_mails(folder: Path, recipient: str | None = None) -> list[Mail]:
    """Return all messages, oldest first; only those to `recipient` when given."""
    index = folder / INDEX_FILE
    if not index.exists():
        return []
    mails = [_mail(json.loads(line)) for line in index.read_text().splitlines() if _whole(line)]
    return [mail for mail in mails if recipient is None or recipient in mail.recipients]


def read_mail(folder: Path, mail: Mail) -> EmailMessage:
    """Return the message itself, parsed."""
    message = message_from_bytes((folder / mail.file).read_bytes(), policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError(f"{mail.file} is not a message")
    return message


def text_of(message: EmailMessage) -> str:
    """Return the plain text of a message, empty when it has none."""
    body = message.get_body(preferencelist=("plain",))
    return str(body.get_content()) if body else ""


def html_of(message: EmailMessage) -> str:
    """Return the HTML of a message, empty when it has none."""
    body = message.get_body(preferencelist=("html",))
    return str(body.get_content()) if body else ""


def find_mail(folder: Path, mail_id: str) -> Mail | None:
    """Return the message with an ID, None when there is none."""
    return next((mail for mail in list_mails(folder) if mail.id == mail_id), None)


def _readable(subject: str) -> str:
    try:
        return str(make_header(decode_header(subject)))
    except (HeaderParseError, LookupError, ValueError):
        return subject


def _mail(values: dict[str, Any]) -> Mail:
    return Mail(**{**values, "recipients": tuple(values["recipients"])})


def _whole(line: str) -> bool:
    """Whether a line was written to its end: a kill may cut the last one."""
    return line.startswith("{") and line.endswith("}")
