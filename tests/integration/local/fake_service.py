"""A tiny service with the processes that a real one has: rpc, worker, migrate.

`FAKE_SERVICE_DIES=1` among its settings makes the worker end at once.
"""

import asyncio
import os
import signal
import sys

import asyncpg
import grpc
from aiohttp import web
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

PREFIX = "PARTERRE_CATALOG_"


def setting(name: str) -> str:
    return os.environ.get(PREFIX + name, "")


async def rpc() -> None:
    health = HealthServicer()
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 1)])
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    for address in filter(None, (setting("LISTEN"), setting("OWN_LISTEN"))):
        server.add_insecure_port(address)
    await server.start()
    await asked_to_stop()
    await server.stop(0)


async def worker() -> None:
    if setting("DIES"):
        sys.exit("told to die")
    app = web.Application()

    async def ready(request: web.Request) -> web.Response:
        return web.Response(text="ready")

    app.add_routes([web.get("/readyz", ready)])
    runner = web.AppRunner(app)
    await runner.setup()
    host, _, port = setting("METRICS_LISTEN").rpartition(":")
    await web.TCPSite(runner, host, int(port)).start()
    await asked_to_stop()
    await runner.cleanup()


async def migrate() -> None:
    connection = await asyncpg.connect(setting("MIGRATION_DATABASE_URL"))
    await connection.execute("CREATE TABLE IF NOT EXISTS film (title text)")
    await connection.execute("GRANT SELECT, INSERT ON film TO catalog")
    await connection.close()


async def asked_to_stop() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    asyncio.run({"rpc": rpc, "worker": worker, "migrate": migrate}[sys.argv[1]]())
