"""Keeps the servers of one test run: `python -m tests.kit.server_keeper FOLDER`.

The pytest process that starts it holds its standard input, the others a connection to it. When
the last one is closed, which the kernel also does for a killed process, the servers stop and the
folder is removed.
"""

import asyncio
import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from deploy.local.part import RunningPart
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.servers.nats import NatsServer
from deploy.local.servers.postgres import FAST_AND_FORGETFUL, PostgresServer
from deploy.local.servers.redis import RedisServer
from deploy.local.state_folder import StateFolder, write_secret

MAX_WORKERS = 16
READY_FILE = "keeper.json"


class Servers:
    """The three servers in one folder, tuned for throw-away data."""

    def __init__(self, folder: Path) -> None:
        self.state = StateFolder(folder)
        ports = Ports(self.state.ports_file)
        accounts = {f"WORKER_{number}": f"w{number}-" for number in range(MAX_WORKERS)}
        self.postgres = PostgresServer(self.state, ports, FAST_AND_FORGETFUL)
        self.redis = RedisServer(self.state, ports)
        self.nats = NatsServer(self.state, ports, accounts)


class Leases:
    """Counts open inputs and says when the last one is closed."""

    def __init__(self) -> None:
        self._open = 0
        self.all_gone = asyncio.Event()

    async def hold(self, reader: asyncio.StreamReader) -> None:
        """Hold one lease until the other end closes it or dies."""
        self._open += 1
        with suppress(ConnectionError):
            await reader.read()
        self._open -= 1
        if self._open == 0:
            self.all_gone.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold a lease for a connection."""
        await self.hold(reader)
        writer.close()


async def keep(folder: Path) -> None:
    """Start the servers, tell where, and stop them when nobody needs them."""
    servers = Servers(folder)
    servers.state.create()
    parts = [
        RunningPart(server.part(), servers.state.logs)
        for server in (servers.postgres, servers.redis, servers.nats)
    ]
    leases = Leases()
    starter = asyncio.create_task(leases.hold(await _standard_input()))
    try:
        await asyncio.gather(*(part.start() for part in parts))
        await asyncio.gather(*(part.wait_ready() for part in parts))
        async with await asyncio.start_server(leases.serve, LOOPBACK, 0) as listener:
            port = listener.sockets[0].getsockname()[1]
            write_secret(folder / READY_FILE, json.dumps({"lease_port": port}))
            await leases.all_gone.wait()
    finally:
        starter.cancel()
        await asyncio.gather(*(part.kill() for part in parts))
        shutil.rmtree(folder, ignore_errors=True)


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    asyncio.run(keep(Path(sys.argv[1])))
