"""The hosted page in a real browser: pay, decline, leave.

Skipped where no Chromium is installed.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.integration.payu_emulator.shop import Shop
from tests.kit.browser import Browser, a_browser, installed

EXECUTABLE = installed()
pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium on this machine")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with a_browser(EXECUTABLE or "", tmp_path / "profile") as opened:
        yield opened


@pytest.fixture
async def thanks() -> AsyncIterator[str]:
    """The shop's own page, where the customer comes back to."""

    async def show(request: web.Request) -> web.Response:
        text = f"Back at the shop {request.query_string}"
        return web.Response(text=f"<p>{text}</p>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/thanks", show)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}/thanks?order=7"
    await runner.cleanup()


async def on_the_page(shop: Shop, browser: Browser, thanks: str) -> str:
    """Open a new order's page as the customer would be sent there; gives the orderId."""
    created = await shop.create(continueUrl=thanks)
    await browser.open(created.headers["Location"])
    return str(created.body["orderId"])


@pytest.mark.parametrize(
    ("label", "status", "returns_with"),
    [
        ("Pay", "WAITING_FOR_CONFIRMATION", "order=7"),
        ("Decline", "CANCELED", "error=501"),
        ("Leave", "NEW", "error=501"),
    ],
)
async def test_a_person_uses_the_page(
    shop: Shop, browser: Browser, thanks: str, tmp_path: Path, label: str, status: str,
    returns_with: str,
) -> None:  # fmt: skip
    order_id = await on_the_page(shop, browser, thanks)
    shown = await browser.text()

    await browser.screenshot(tmp_path / "page.png")
    await browser.press(label)
    await browser.until(f"location.href.startsWith({thanks.partition('?')[0]!r})")

    assert "60.00 RON" in shown
    assert returns_with in await browser.text()
    assert await shop.status_of(order_id) == status
    assert (tmp_path / "page.png").stat().st_size > 1_000


async def test_another_card_is_declined_and_the_page_says_so(
    shop: Shop, browser: Browser, thanks: str, tmp_path: Path
) -> None:
    order_id = await on_the_page(shop, browser, thanks)

    await browser.evaluate("document.getElementById('card_number').value = '4539148803436467'")
    await browser.press("Pay")
    await browser.until("document.querySelector('[role=alert]') !== null")
    await browser.screenshot(tmp_path / "declined.png")

    assert await shop.status_of(order_id) == "PENDING"
