"""Catches the services' e-mails: SMTP in, a mailbox page and JSON out.

`python -m deploy.local.mail_catcher --smtp HOST:PORT --http HOST:PORT --folder DIR`.
GET / is a page, /mails/ID one message as its reader sees it; /messages is the list as JSON (`?to=`
filters), /messages/ID one message.
"""

import argparse
import asyncio
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailbox import (
    Mail,
    find_mail,
    html_of,
    list_mails,
    read_mail,
    store_mail,
    text_of,
)
from deploy.local.mailbox_page import MAX_SHOWN_MESSAGES, page_routes
from deploy.local.state_folder import FOLDER_MODE

MAX_MESSAGE_BYTES = 5_000_000


class Catcher:
    """Accepts every message, for anybody, and stores it before it says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls.
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        content = envelope.original_content or b""
        store_mail(self._folder, envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return "250 Message accepted"


class Receiver(SMTP):
    """Reads a message at once. Line by line, as aiosmtpd does, takes most of its time."""

    line_length_limit = MAX_MESSAGE_BYTES

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name that aiosmtpd calls.
        this: Any = self  # Its types say that all may be missing.
        if arg or not this.envelope.rcpt_tos:
            await this.push("503 Not now")
            return
        await this.push("354 Go on")
        content = b"\r\n"
        while not content.endswith(b"\r\n.\r\n"):
            content += await self._reader.readuntil(b".\r\n")
            if len(content) > MAX_MESSAGE_BYTES:
                this.transport.abort()
                return
        this.envelope.original_content = content.replace(b"\r\n..", b"\r\n.")[2:-3]
        status = await this.event_handler.handle_DATA(this, this.session, this.envelope)
        this.envelope = Envelope()
        await this.push(status)


def mailbox_app(folder: Path) -> web.Application:
    """Return the small HTTP window on the mailbox."""

    async def messages(request: web.Request) -> web.Response:
        return web.json_response({"messages": [asdict(mail) for mail in _mails(folder, request)]})

    async def message(request: web.Request) -> web.Response:
        mail = find_mail(folder, request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound(text="No such message.")
        message = read_mail(folder, mail)
        content = {"text": text_of(message), "html": html_of(message)}
        return web.json_response({**asdict(mail), **content})

    app = web.Application()
    app.add_routes(
        [
            *page_routes(folder),
            web.get("/messages", messages),
            web.get("/messages/{id}", message),
        ]
    )
    return app


async def serve(smtp: str, http: str, folder: Path) -> None:
    """Serve both until SIGTERM or Ctrl-C."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    catcher = Catcher(folder)
    receiver = await loop.create_server(
        lambda: Receiver(catcher, data_size_limit=MAX_MESSAGE_BYTES, enable_SMTPUTF8=True),
        *_host_and_port(smtp),
    )
    runner = web.AppRunner(mailbox_app(folder), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, *_host_and_port(http)).start()
        print(f"Mail comes in at {smtp}, and is shown at http://{http}/", flush=True)
        await stop.wait()
    finally:
        receiver.close()
        await runner.cleanup()


def _mails(folder: Path, request: web.Request) -> list[Mail]:
    return list_mails(folder, request.query.get("to"))[-MAX_SHOWN_MESSAGES:]


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--smtp", required=True)
    parser.add_argument("--http", required=True)
    parser.add_argument("--folder", required=True, type=Path)
    options = parser.parse_args()
    options.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    uvloop.run(serve(options.smtp, options.http, options.folder))
