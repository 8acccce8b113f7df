"""The local stack: servers, databases, emulator, mailbox and services, started in order.

Children die with the thread that started them, so use it from a thread that lives as long.
"""

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import identities
from deploy.local.backing import Backing, External
from deploy.local.databases import ServiceDatabase
from deploy.local.environment import Environment
from deploy.local.errors import StackError
from deploy.local.ports import Ports
from deploy.local.process_parts import emulator_part, mail_part, service_parts
from deploy.local.record import StackRecord, record_of
from deploy.local.schema_marker import fingerprint, is_current, note_current
from deploy.local.servers.postgres import DURABLE
from deploy.local.service_databases import make_database, migrate
from deploy.local.state_folder import StateFolder
from deploy.local.supervised_parts import SupervisedParts, all_of
from deploy.local.supervision import Say
from deploy.local.topology import PREFERRED_PORTS, SERVICES, ServiceSpec, listening_ports

SERVERS = ("postgres", "redis", "nats")


def silent(line: str) -> None:
    """Show nothing: for tests."""
    del line


@dataclass(frozen=True)
class StackOptions:
    """How a stack differs from the usual one.

    `overrides`: settings by service without prefix, {"booking": {"LOG_LEVEL": "debug"}}.
    `auto_restart`: whether a part that ends is started again; fault tests switch it off.
    `postgres_settings`: how PostgreSQL is tuned; tests on throw-away data have a faster one.
    """

    services: tuple[ServiceSpec, ...] = SERVICES
    external: External = field(default_factory=External)
    test_clock: bool = True
    auto_restart: bool = True
    with_emulator: bool = True
    overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    preferred_ports: Mapping[str, int] = field(default_factory=lambda: PREFERRED_PORTS)
    postgres_settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    say: Say = silent


class LocalStack:
    """Everything on one machine, under one state folder, as an async context manager.

    Parts by name: postgres, redis, nats, emulator, mail, and per service `booking-rpc-1`,
    `booking-worker` and so on. `record` says where everything is.
    """

    def __init__(self, state: Path, options: StackOptions | None = None) -> None:
        self.record = StackRecord(str(state.absolute()), os.getpid())
        self._options = options or StackOptions()
        self._state = StateFolder(state)
        self._held = ExitStack()
        self._parts: SupervisedParts | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything and return when all is ready; on a failure nothing stays behind.

        Raises StackError: folder in use, port taken, a part that did not become ready.
        """
        self._held.enter_context(self._state.locked())
        self._parts = SupervisedParts(
            self._state.logs,
            say=self._options.say,
            changed=self._write_record,
            auto_restart=self._options.auto_restart,
        )
        try:
            await self._start_all(self._parts)
        except BaseException:
            await self.stop()
            raise
        self.record.ready = True
        self._write_record()

    async def stop(self) -> None:
        """Stop services first, servers last; harmless when nothing runs."""
        self.record.ready = False
        if self._parts is not None:
            await self._parts.stop_all(last=SERVERS)
            self._parts = None
            self._state.record_file.unlink(missing_ok=True)
        self._held.close()

    @property
    def parts(self) -> SupervisedParts:
        """The parts, to look at all of them. Raises StackError when the stack does not run."""
        if self._parts is None:
            raise StackError("The stack does not run.")
        return self._parts

    async def wait_failed(self) -> StackError:
        """Wait until a part died too often, and return why."""
        return await self.parts.wait_failed()

    async def kill(self, part: str) -> None:
        """SIGKILL a part and all its processes. It comes back only while auto-restart is on."""
        await self.parts.kill(part)

    async def start_part(self, part: str) -> None:
        """Start a part that was killed or stopped, without waiting until it is ready."""
        await self.parts.start(part)

    async def stop_part(self, part: str) -> None:
        """Stop a part gently; it does not come back by itself."""
        await self.parts.stop(part)

    async def wait_ready(self, part: str) -> None:
        """Wait until a part serves. Raises PartFailedError when it ends or takes too long."""
        await self.parts.wait_ready(part)

    def set_auto_restart(self, *, on: bool) -> None:
        """Decide whether parts that end from now on are started again."""
        self.parts.set_auto_restart(on=on)

    async def _start_all(self, parts: SupervisedParts) -> None:
        self._state.create()
        environment = self._environment()
        self.record = record_of(self._state, environment)
        self._write_record()
        side = [*environment.backing.other_parts(), mail_part(environment, self._state)]
        if self._options.with_emulator and not self._options.external.payu_url:
            side.append(emulator_part(environment, self._state))
        bring_up = [parts.bring_up(part) for part in side]
        await all_of([self._start_databases(parts, environment), *bring_up])
        self.record = record_of(self._state, environment)
        services = [
            part for spec in self._options.services for part in service_parts(environment, spec)
        ]
        await all_of([parts.bring_up(part) for part in services])

    def _environment(self) -> Environment:
        options = self._options
        ports = Ports(self._state.ports_file, options.preferred_ports)
        for name in listening_ports(options.services):
            ports.free_port_of(name)
        names = tuple(spec.name for spec in options.services)
        databases: dict[str, ServiceDatabase] = {}
        return Environment(
            backing=Backing(self._state, ports, options.external, options.postgres_settings),
            ports=ports,
            identities=identities.create(self._state, names),
            databases=databases,
            services=options.services,
            test_clock=options.test_clock,
            overrides=options.overrides,
        )

    async def _start_databases(self, parts: SupervisedParts, environment: Environment) -> None:
        for part in environment.backing.postgres_parts():
            await parts.bring_up(part)
        specs = environment.services
        await all_of([self._make_database(parts, environment, spec) for spec in specs])

    async def _make_database(
        self, parts: SupervisedParts, environment: Environment, spec: ServiceSpec
    ) -> None:
        began = time.monotonic()
        database = await make_database(environment.backing, self._state, spec.name)
        environment.databases[spec.name] = database
        wanted = fingerprint(spec, database, test_clock=environment.test_clock)
        own_server = not self._options.external.postgres_url
        if not (own_server and is_current(self._state, spec, wanted)):
            await migrate(environment, self._state, spec)
            note_current(self._state, spec, wanted)
        parts.say_ready(f"{spec.name} schema", began)

    def _write_record(self) -> None:
        if self._parts is not None:
            self.record.processes = self._parts.pids()
            self.record.write(self._state.record_file)
