"""An emulator in the test's own loop, and two shops: one captures, one has auto-receive."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from deploy.payu_emulator.app import serve
from deploy.payu_emulator.settings import Settings, read_points_of_sale
from tests.integration.payu_emulator.shop import Shop

POINTS_OF_SALE: list[dict[str, Any]] = [
    {
        "pos_id": "300746",
        "currency": "RON",
        "client_id": "300746",
        "client_secret": "secret of ron",
        "second_key": "key of ron",
        "auto_receive": False,
    },
    {
        "pos_id": "300747",
        "currency": "EUR",
        "client_id": "300747",
        "client_secret": "secret of eur",
        "second_key": "key of eur",
        "auto_receive": True,
    },
]


@pytest.fixture
def points_of_sale_file(tmp_path: Path) -> Path:
    path = tmp_path / "points_of_sale.json"
    path.write_text(json.dumps(POINTS_OF_SALE))
    return path


@pytest.fixture
def settings(tmp_path: Path, points_of_sale_file: Path) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=0,
        state_file=tmp_path / "record.db",
        points_of_sale=read_points_of_sale(points_of_sale_file),
        test_clock=True,
        retry_factor=0.0001,
    )


async def open_shop(session: ClientSession, pos: dict[str, Any]) -> tuple[Shop, web.AppRunner]:
    shop = Shop(session, pos)
    app = web.Application()
    app.router.add_post("/notify", shop.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    shop.notify_url = f"http://{host}:{port}/notify"
    return shop, runner


@pytest.fixture
async def idle_shop() -> AsyncIterator[Shop]:
    """A shop that listens but knows no emulator yet."""
    async with ClientSession() as session:
        shop, runner = await open_shop(session, POINTS_OF_SALE[0])
        yield shop
        await runner.cleanup()


@pytest.fixture
async def address(settings: Settings) -> AsyncIterator[str]:
    async with serve(settings) as address:
        yield address


@pytest.fixture
async def shop(address: str, idle_shop: Shop) -> Shop:
    """The RON shop: the money is authorised first, and captured on demand."""
    idle_shop.base = address
    return idle_shop


@pytest.fixture
async def auto_shop(address: str) -> AsyncIterator[Shop]:
    """The EUR shop, with auto-receive on."""
    async with ClientSession() as session:
        shop, runner = await open_shop(session, POINTS_OF_SALE[1])
        shop.base = address
        yield shop
        await runner.cleanup()
