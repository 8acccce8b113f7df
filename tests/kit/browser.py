"""A headless Chromium, driven over its own DevTools protocol."""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

START_TIMEOUT_S = 60.0
CALL_TIMEOUT_S = 30.0
MAX_TELEPHONE_WIDTH = 500
PORT_FILE = "DevToolsActivePort"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def installed() -> str | None:
    """Find a browser on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Browser:
    """One tab."""

    socket: ClientWebSocketResponse
    session_id: str = ""
    _numbers: Any = field(default_factory=lambda: count(1))

    async def call(self, method: str, **params: Any) -> Any:
        """Make one call of the protocol and wait for its answer."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self.session_id:
            message["sessionId"] = self.session_id
        await self.socket.send_json(message)
        async with asyncio.timeout(CALL_TIMEOUT_S):
            while True:
                answer = json.loads((await self.socket.receive()).data)
                if answer.get("id") == number:
                    assert "error" not in answer, answer
                    return answer["result"]

    async def open(self, address: str) -> None:
        await self.call("Page.navigate", url=address)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until an expression holds on the page, whichever page it is by then."""
        async with asyncio.timeout(CALL_TIMEOUT_S):
            while True:
                if await self.evaluate(expression):
                    return
                await asyncio.sleep(0.05)

    async def press(self, label: str) -> None:
        """Click the button with this text, as a person would find it."""
        await self.evaluate(
            "[...document.querySelectorAll('button')]"
            f".find(button => button.textContent.startsWith({json.dumps(label)})).click()"
        )

    async def text(self) -> str:
        return str(await self.evaluate("document.body.innerText"))

    async def look_as(self, width: int, height: int, *, dark: bool = False) -> None:
        """Be a screen of this size in CSS pixels: below 500 a telephone's."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < MAX_TELEPHONE_WIDTH,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])

    async def screenshot(self, path: Path) -> None:
        answer = await self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(answer["data"]))  # noqa: ASYNC240 - a small file.


@asynccontextmanager
async def a_browser(executable: str, profile: Path) -> AsyncIterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    process = await asyncio.create_subprocess_exec(
        executable,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--window-size=720,900",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port, path = await _where(profile / PORT_FILE)
        async with (
            ClientSession() as http,
            http.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            target = await browser.call("Target.createTarget", url="about:blank")
            attached = await browser.call(
                "Target.attachToTarget", targetId=target["targetId"], flatten=True
            )
            browser.session_id = attached["sessionId"]
            await browser.call("Page.enable")
            yield browser
    finally:
        process.terminate()
        await process.wait()


async def _where(file: Path) -> tuple[str, str]:
    async with asyncio.timeout(START_TIMEOUT_S):
        while True:
            lines = file.read_text().splitlines() if file.exists() else []  # noqa: ASYNC240
            if len(lines) > 1:
                return lines[0], lines[1]
            await asyncio.sleep(0.05)
