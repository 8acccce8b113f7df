"""The mailbox as pages: a list, and each message as its reader sees it, behind bars.

What arrives is not trusted: its HTML is shown in a frame without scripts, forms, or a way to anything
else, its images are those that it brought, and attachments are only ever downloaded.
"""

import base64
import html
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from aiohttp import web

from deploy.local.mailbox import Mail, find_mail, html_of, list_mails, read_mail, text_of

MAX_SHOWN_MESSAGES = 500
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

_NAME = re.compile(r"[^A-Za-z0-9._-]")
_CID = re.compile(r"cid:([^\"'\s>)]+)")
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { padding: .4rem .6rem; text-align: left;
border-bottom: 1px solid #ccc; } iframe { border: 1px solid #ccc; width: 100%; height: 44rem; }
pre { white-space: pre-wrap; background: #f4f4f6; padding: 1rem; } h2 { margin-top: 2rem; }
"""


def page_routes(folder: Path) -> list[web.RouteDef]:
    """Give the pages of a mailbox."""
    pages = _Pages(folder)
    return [
        web.get("/", pages.show_list),
        web.get("/mails/{id}", pages.show_mail),
        web.get("/mails/{id}/letter", pages.show_letter),
        web.get("/mails/{id}/attachments/{number:[0-9]{1,3}}", pages.send_attachment),
    ]


class _Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def show_list(self, request: web.Request) -> web.Response:
        mails = list_mails(self._folder, request.query.get("to"))[-MAX_SHOWN_MESSAGES:]
        rows = "".join(_row(mail) for mail in reversed(mails)) or "<tr><td>Nothing yet.</td></tr>"
        return _page("Mailbox", f"<h1>Mailbox</h1><table>{rows}</table>")

    async def show_mail(self, request: web.Request) -> web.Response:
        mail, message = self._read(request)
        parts = [f'<p><a href="/">Mailbox</a></p><h1>{_safe(mail.subject)}</h1>', _headers(message)]
        if html_of(message):
            parts.append(
                f'<h2>HTML</h2><iframe sandbox="" referrerpolicy="no-referrer" title="The e-mail"'
                f' src="/mails/{_safe(mail.id)}/letter"></iframe>'
            )
        files = "".join(
            f'<li><a href="/mails/{_safe(mail.id)}/attachments/{number}">{_safe(name)}</a>'
            f" ({_safe(part.get_content_type())})</li>"
            for number, name, part in _attachments(message)
        )
        if files:
            parts.append(f"<h2>Attachments</h2><ul>{files}</ul>")
        parts.append(f"<h2>Text</h2><pre>{_safe(text_of(message))}</pre>")
        return _page(mail.subject, "".join(parts))

    async def show_letter(self, request: web.Request) -> web.Response:
        _, message = self._read(request)
        images = {
            str(part["Content-ID"]).strip("<>"): part
            for part in message.walk()
            if part["Content-ID"] and part.get_content_maintype() == "image"
        }
        text = _CID.sub(lambda found: _data_url(images.get(found[1])), html_of(message))
        return _answer(text, LETTER_POLICY)

    async def send_attachment(self, request: web.Request) -> web.Response:
        _, message = self._read(request)
        for number, name, part in _attachments(message):
            if number == int(request.match_info["number"]):
                headers = {
                    "Content-Disposition": f'attachment; filename="{_NAME.sub("_", name)}"',
                    "X-Content-Type-Options": "nosniff",
                }
                content = part.get_payload(decode=True)
                return web.Response(body=content, headers=headers)
        raise web.HTTPNotFound(text="No such attachment.")

    def _read(self, request: web.Request) -> tuple[Mail, EmailMessage]:
        mail = find_mail(self._folder, request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound(text="No such message.")
        return mail, read_mail(self._folder, mail)


def _row(mail: Mail) -> str:
    cells = (mail.received_at[:19].replace("T", " "), ", ".join(mail.recipients))
    columns = "".join(f"<td>{_safe(cell)}</td>" for cell in cells)
    link = f'<a href="/mails/{_safe(mail.id)}">{_safe(mail.subject) or "(no subject)"}</a>'
    return f"<tr>{columns}<td>{link}</td></tr>"


def _headers(message: EmailMessage) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td>{_safe(str(message.get(name, '')))}</td></tr>"
        for name in ("From", "To", "Date", "Message-ID")
    )
    return f"<table>{rows}</table>"


def _attachments(message: EmailMessage) -> Iterator[tuple[int, str, EmailMessage]]:
    for number, part in enumerate(message.iter_attachments()):
        if isinstance(part, EmailMessage):
            yield number, part.get_filename() or f"part-{number}", part


def _data_url(part: EmailMessage | None) -> str:
    if part is None:
        return ""
    content = part.get_payload(decode=True)
    data = base64.b64encode(content if isinstance(content, bytes) else b"").decode()
    return f"data:{part.get_content_type()};base64,{data}"


def _page(title: str, body: str) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    return _answer(text, PAGE_POLICY)


def _answer(text: str, policy: str) -> web.Response:
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


def _safe(text: str) -> str:
    return html.escape(text, quote=True)
