"""An RPC process from start to end: what each service's `__main__` runs."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from services.common.config import Loop, ServiceSettings
from services.common.logging import configure_logging, get_logger
from services.common.rpc.server import RpcApplication, RpcServer

_log = get_logger(__name__)

# New objects before a young collection, young ones before a middle one, those before a full one.
GARBAGE_THRESHOLDS = (20_000, 20, 50)
Settings = TypeVar("Settings", bound=ServiceSettings)
# Opens what the service needs in the stack, which is closed in reverse order at the end.
Build = Callable[[Settings, AsyncExitStack], Awaitable[RpcApplication]]


def run_rpc_process(settings: Settings, build: Build[Settings]) -> None:
    """Serve until SIGTERM or SIGINT, then drain and close everything."""
    configure_logging(settings.service_name, settings.log_level)
    run(settings, serve(settings, build))


def run(settings: ServiceSettings, main: Awaitable[None]) -> None:
    """Run a coroutine on the event loop of the settings."""
    if settings.loop is Loop.UVLOOP:
        import uvloop  # noqa: PLC0415 - not there on every platform

        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = uvloop.new_event_loop
    else:
        loop_factory = None

    async def awaited() -> None:
        await main

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(awaited())


async def serve(
    settings: Settings, build: Build[Settings], *, stopping: asyncio.Event | None = None
) -> None:
    """Build, start, wait for the signal (or the event), stop."""
    stopping = stopping or stop_on_signals()
    async with AsyncExitStack() as stack:
        application = await build(settings, stack)
        server = RpcServer(settings, application)
        await server.start()
        calm_garbage_collection()
        _log.info("rpc_server_started", listen=settings.listen, own_port=server.own_port)
        await stopping.wait()
        _log.info("rpc_server_draining")
        await server.stop()
    _log.info("rpc_server_stopped")


def calm_garbage_collection() -> None:
    """Let collections leave alone what is there for good, and come less often.

    Calls and events leave next to no cycles behind, and looking for them cost a tenth of a write.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
