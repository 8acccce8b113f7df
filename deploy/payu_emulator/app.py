"""Puts the emulator together: parts, routes, and the tasks that run beside the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession, DummyCookieJar, TCPConnector, web

from deploy.payu_emulator.api import ShopApi
from deploy.payu_emulator.behaviour import Behaviour, read_behaviour
from deploy.payu_emulator.clock import Clock
from deploy.payu_emulator.control import ControlApi, keep_control_local
from deploy.payu_emulator.faults import FaultScript
from deploy.payu_emulator.middleware import misbehave, write_errors
from deploy.payu_emulator.notifications import Courier, max_deliveries_in_flight
from deploy.payu_emulator.oauth import Tokens
from deploy.payu_emulator.orders import OrderBook
from deploy.payu_emulator.page import HostedPage
from deploy.payu_emulator.record import Record
from deploy.payu_emulator.refunds import Refunds
from deploy.payu_emulator.settings import Settings
from deploy.payu_emulator.store import OrderStore

max_request_bytes = 256 * 1024
max_pending_connections = 1024
stop_grace_s = 2.0


@dataclass
class Emulator:
    """The parts of one emulator, wired."""

    app: web.Application
    record: Record
    store: OrderStore
    book: OrderBook
    courier: Courier
    api: ShopApi


def build(settings: Settings, session: ClientSession) -> Emulator:
    """Wire an emulator; nothing runs yet."""
    record = Record(settings.state_file)
    store = OrderStore(record, [pos.pos_id for pos in settings.points_of_sale])
    clock = Clock(json.loads(record.setting("clock") or "0.0") if settings.test_clock else 0.0)
    behaviour = read_behaviour(record, settings.retry_factor)
    faults = FaultScript(record)
    points_of_sale = {pos.pos_id: pos for pos in settings.points_of_sale}
    courier = Courier(store, clock, behaviour, faults, points_of_sale, session)
    book = OrderBook(store, clock, behaviour, courier, points_of_sale)
    tokens = Tokens(settings.points_of_sale, clock, behaviour, record)
    api = ShopApi(store, book, Refunds(book, clock, behaviour, faults), tokens)
    control = ControlApi(
        store,
        book,
        courier,
        faults,
        behaviour,
        tokens,
        clock,
        defaults=Behaviour(retry_factor=settings.retry_factor),
        test_clock=settings.test_clock,
    )
    app = web.Application(
        middlewares=[keep_control_local, write_errors, misbehave(faults, store)],
        client_max_size=max_request_bytes,
    )
    api.add_routes(app.router)
    control.add_routes(app.router)
    HostedPage(store, book, clock).add_routes(app.router)
    return Emulator(app, record, store, book, courier, api)


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[str]:
    """Run the emulator while the context lasts; yields its base address once it listens."""
    connector = TCPConnector(limit=max_deliveries_in_flight)
    async with ClientSession(connector=connector, cookie_jar=DummyCookieJar()) as session:
        emulator = build(settings, session)
        async with asyncio.TaskGroup() as tasks:
            background = [tasks.create_task(emulator.record.run())]
            for order in emulator.store.load():
                emulator.book.resume(order)
            background.append(tasks.create_task(emulator.courier.run()))
            runner = web.AppRunner(
                emulator.app, access_log=None, shutdown_timeout=stop_grace_s, keepalive_timeout=75
            )
            await runner.setup()
            try:
                yield await _listen(runner, settings, emulator.api)
            finally:
                await runner.cleanup()
                emulator.book.agenda.clear()
                emulator.courier.agenda.clear()
                await emulator.record.settled()
                for task in background:
                    task.cancel()
        emulator.record.close()


async def _listen(runner: web.AppRunner, settings: Settings, api: ShopApi) -> str:
    site = web.TCPSite(runner, settings.host, settings.port, backlog=max_pending_connections)
    await site.start()
    host, port = runner.addresses[0][:2]
    address = f"http://{host}:{port}"
    api.public_url = settings.public_url or address
    return address
