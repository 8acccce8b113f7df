"""A reset while a notification is on its way."""

import asyncio
import threading

from aiohttp import ClientSession, web

from deploy.payu_emulator.app import build
from deploy.payu_emulator.settings import Settings
from tests.integration.payu_emulator.shop import Shop


async def test_a_delivery_that_began_before_a_reset_keeps_nothing(
    settings: Settings, idle_shop: Shop
) -> None:
    arrived, answered, disk_is_busy = asyncio.Event(), asyncio.Event(), threading.Event()

    async def answer_late(_request: web.Request) -> web.Response:
        arrived.set()
        await answered.wait()
        return web.Response()

    slow = web.Application()
    slow.router.add_post("/notify", answer_late)
    runner = web.AppRunner(slow, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    order = idle_shop.new_order(notifyUrl=f"http://{host}:{port}/notify", extOrderId="booking-1")
    async with ClientSession() as session, asyncio.TaskGroup() as tasks:
        emulator = build(settings, session)
        running = [
            tasks.create_task(emulator.record.run()),
            tasks.create_task(emulator.courier.run()),
        ]
        kept = emulator.book.open(order)
        emulator.courier.announce(kept, "PENDING")
        emulator.book.keep(kept)
        await arrived.wait()
        await emulator.record.settled()

        emulator.record._thread.submit(disk_is_busy.wait)
        reset = tasks.create_task(emulator.store.clear())
        await asyncio.sleep(0)
        answered.set()
        while emulator.courier._busy:  # noqa: ASYNC110 - it has no event for being idle
            await asyncio.sleep(0)
        disk_is_busy.set()
        await reset
        await emulator.record.settled()

        assert emulator.record.page(0, 10) == []
        assert emulator.store.find_ext("300746", "booking-1") is None
        for task in running:
            task.cancel()
    emulator.record.close()
    await runner.cleanup()
