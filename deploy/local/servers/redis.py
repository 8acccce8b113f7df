"""Redis on a loopback port, without persistence: nothing in it may be missed."""

from dataclasses import dataclass

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from deploy.local.child import Command
from deploy.local.part import Part
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.servers.binaries import script_binary
from deploy.local.state_folder import FOLDER_MODE, StateFolder, write_secret

MAX_MEMORY = "64mb"
MAX_CLIENTS = 1_000
DATABASES = 64
PROBE_TIMEOUT_SECONDS = 1.0


@dataclass(frozen=True)
class RedisServer:
    """One Redis, its password and its port."""

    state: StateFolder
    ports: Ports
    name: str = "redis"

    def url(self, database: int = 0) -> str:
        """Return the address of one numbered database, with the password."""
        return (
            f"redis://:{self.state.password('redis')}@{self.ports.address_of(self.name)}/{database}"
        )

    def part(self) -> Part:
        """Return the server as a part of a stack."""
        return Part(self.name, prepare=self._prepare, command=self._command, ready=self._ready)

    async def _prepare(self) -> None:
        port = self.ports.free_port_of(self.name)
        folder = self.state.root / self.name
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        lines = [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {self.state.password('redis')}",
            f"dir {folder}",
            f"databases {DATABASES}",
            f"maxmemory {MAX_MEMORY}",
            "maxmemory-policy allkeys-lru",
            f"maxclients {MAX_CLIENTS}",
            'save ""',
            "appendonly no",
        ]
        write_secret(folder / "redis.conf", "\n".join(lines) + "\n")

    def _command(self) -> Command:
        config = self.state.root / self.name / "redis.conf"
        return Command([script_binary("redis-server"), str(config)])

    async def _ready(self) -> bool:
        client = redis.asyncio.from_url(
            self.url(),
            socket_connect_timeout=PROBE_TIMEOUT_SECONDS,
            socket_timeout=PROBE_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            return bool(await client.ping())
        except (RedisError, OSError):
            return False
        finally:
            await client.aclose()
