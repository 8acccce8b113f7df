"""The HTTP side port of a process: metrics, liveness, readiness, version."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

MAX_REQUEST_BYTES = 16 * 1024


def host_and_port(address: str) -> tuple[str, int]:
    """Split `host:port` or `[v6]:port`."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def product_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("parterre")
    except PackageNotFoundError:
        return "unknown"


@asynccontextmanager
async def side_port(
    address: str, *, registry: CollectorRegistry, ready: Callable[[], bool], service: str
) -> AsyncIterator[int]:
    """Serve the side port while the context is open; gives the port number.

    `/healthz` only says that the loop turns; `/readyz` is 503 while something needed is missing.
    """
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    about = {"service": service, "version": product_version()}

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        if ready():
            return web.Response(text="ready\n")
        return web.Response(status=503, text="not ready\n")

    async def version_page(_: web.Request) -> web.Response:
        return web.Response(text=json.dumps(about), content_type="application/json")

    app.add_routes(
        [
            web.get("/metrics", metrics),
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/version", version_page),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, port = host_and_port(address)
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
