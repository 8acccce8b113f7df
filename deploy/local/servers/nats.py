"""NATS with JetStream on a loopback port, with a store folder of its own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import aiohttp

from deploy.local.child import Command
from deploy.local.part import Part
from deploy.local.ports import Ports
from deploy.local.servers.binaries import script_binary
from deploy.local.servers.nats_config import ADMIN, SERVICES, nats_config
from deploy.local.state_folder import FOLDER_MODE, StateFolder, write_secret

PROBE_TIMEOUT = aiohttp.ClientTimeout(total=1.0)


@dataclass(frozen=True)
class NatsServer:
    """One NATS server, its users' passwords and its ports (clients and monitoring)."""

    state: StateFolder
    ports: Ports
    # Account name -> prefix of its users' names.
    accounts: Mapping[str, str] = field(default_factory=lambda: {"PARTERRE": ""})
    name: str = "nats"

    @property
    def store(self) -> Path:
        """JetStream's folder."""
        return self.state.root / self.name / "store"

    def url(self, user: str, prefix: str = "") -> str:
        """Return the address for one user ('admin' or a service), with the password."""
        password = self.state.password(f"nats-{user}")
        return f"nats://{prefix}{user}:{password}@{self.ports.address_of(self.name)}"

    def part(self) -> Part:
        """Return the server as a part of a stack."""
        return Part(self.name, prepare=self._prepare, command=self._command, ready=self._ready)

    @property
    def _monitor(self) -> str:
        return f"{self.name}-monitor"

    @property
    def _config(self) -> Path:
        return self.state.root / self.name / "nats.conf"

    async def _prepare(self) -> None:
        for port in (self.name, self._monitor):
            self.ports.free_port_of(port)
        for folder in (self.store.parent, self.store):
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        text = nats_config(
            listen=self.ports.address_of(self.name),
            monitor=self.ports.address_of(self._monitor),
            store=str(self.store),
            accounts=self.accounts,
            passwords={user: self.state.password(f"nats-{user}") for user in (ADMIN, *SERVICES)},
        )
        write_secret(self._config, text)

    def _command(self) -> Command:
        # On several cores its threads look for work of each other for a third of its CPU time.
        environment = {**os.environ, "GOMAXPROCS": "1"}
        return Command([script_binary("nats-server"), "--config", str(self._config)], environment)

    async def _ready(self) -> bool:
        url = f"http://{self.ports.address_of(self._monitor)}/healthz"
        try:
            async with (
                aiohttp.ClientSession(timeout=PROBE_TIMEOUT) as session,
                session.get(url) as answer,
            ):
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError):
            return False
