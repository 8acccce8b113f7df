"""PostgreSQL 18 on a loopback port, in a data folder of its own."""

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import asyncpg

from deploy.local.child import Command, log_tail
from deploy.local.errors import PartFailedError
from deploy.local.part import Part
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.process_tree import exists
from deploy.local.servers.binaries import postgres_binary
from deploy.local.servers.unprivileged import unprivileged
from deploy.local.state_folder import FOLDER_MODE, StateFolder

SUPERUSER = "parterre"
MAX_CONNECTIONS = 300
PROBE_TIMEOUT_SECONDS = 2.0
OLD_POSTMASTER_TIMEOUT_SECONDS = 10.0
INITDB_TIMEOUT_SECONDS = 60.0

COMMON_SETTINGS = MappingProxyType(
    {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "max_connections": str(MAX_CONNECTIONS),
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "shared_buffers": "256MB",
        "jit": "off",
        "log_lock_waits": "on",
        "log_checkpoints": "off",
    }
)
# What was answered survives a crash of the machine.
DURABLE = MappingProxyType(
    {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        # Who commits while two others are busy waits a millisecond for them, and one flush does for
        # all: a twentieth of PostgreSQL's CPU at 50 purchases a second.
        "commit_delay": "1000",
        "commit_siblings": "2",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
    }
)
# For tests on throw-away data only: a crash of the machine loses everything.
FAST_AND_FORGETFUL = MappingProxyType(
    {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "2GB",
        "autovacuum_naptime": "1min",
    }
)
# Each server process keeps so much of what a statement gave back, instead of fetching it from the
# system again for the next one: 50 page faults for each purchase.
KEPT_MEMORY = MappingProxyType(
    {"MALLOC_TRIM_THRESHOLD_": str(8 * 2**20), "MALLOC_TOP_PAD_": str(2**20)}
)


@dataclass(frozen=True)
class PostgresServer:
    """One cluster, its superuser and its port."""

    state: StateFolder
    ports: Ports
    settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    name: str = "postgres"

    @property
    def data(self) -> Path:
        return self.state.root / self.name / "data"

    @property
    def admin_url(self) -> str:
        """The superuser's address, with its password."""
        password = self.state.password("postgres")
        address = self.ports.address_of(self.name)
        return f"postgresql://{SUPERUSER}:{password}@{address}/postgres"

    def part(self) -> Part:
        """Return the server as a part of a stack."""
        return Part(
            name=self.name,
            prepare=self._prepare,
            command=self._command,
            ready=self._ready,
            stop_timeout_seconds=30.0,
        )

    async def _prepare(self) -> None:
        await self._old_postmaster_gone()
        self.ports.free_port_of(self.name)
        if not (self.data / "PG_VERSION").exists():
            await self._initdb()

    def _command(self) -> Command:
        settings = {**COMMON_SETTINGS, **self.settings, "port": str(self.ports.of(self.name))}
        flags = [item for key, value in settings.items() for item in ("-c", f"{key}={value}")]
        way = unprivileged()
        # SIGQUIT ends it at once and whole; SIGINT, on an ordinary stop, writes a checkpoint first.
        prefix = way.with_death_signal("QUIT")
        return Command(
            [*prefix, postgres_binary("postgres"), "-D", str(self.data), *flags],
            environment={**os.environ, **KEPT_MEMORY},
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGQUIT,
            sets_own_death_signal=way.file_owner is not None,
        )

    async def _ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self.admin_url, timeout=PROBE_TIMEOUT_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def _initdb(self) -> None:
        folder = self.data.parent
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        way = unprivileged()
        way.give(folder)
        self.state.password("postgres")
        arguments = [
            *way.prefix,
            postgres_binary("initdb"),
            f"--pgdata={self.data}",
            f"--username={SUPERUSER}",
            f"--pwfile={self.state.root / 'secrets' / 'postgres'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-locale",
            "--data-checksums",
        ]
        if self.settings.get("fsync") == "off":
            arguments.append("--no-sync")
        await self._run_initdb(arguments)

    async def _run_initdb(self, arguments: list[str]) -> None:
        log_file = self.state.logs / "initdb.log"
        with log_file.open("ab") as log:
            process = await asyncio.create_subprocess_exec(*arguments, stdout=log, stderr=log)
            try:
                code = await asyncio.wait_for(process.wait(), INITDB_TIMEOUT_SECONDS)
            finally:
                if process.returncode is None:
                    process.kill()
        if code != 0:
            raise PartFailedError(self.name, "could not make its data folder", log_tail(log_file))

    async def _old_postmaster_gone(self) -> None:
        """Wait for a postmaster of a killed stack; PostgreSQL refuses to start beside its pid."""
        pid_file = self.data / "postmaster.pid"
        try:
            async with asyncio.timeout(OLD_POSTMASTER_TIMEOUT_SECONDS):
                while exists(int(pid_file.read_text().split()[0])):  # noqa: ASYNC110 - a file tells nobody.
                    await asyncio.sleep(0.05)
        except (TimeoutError, FileNotFoundError, IndexError):
            return  # PostgreSQL itself judges what is left, and says so in its log.
