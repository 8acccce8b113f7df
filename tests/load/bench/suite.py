"""The ground that a bench stands on: a suite of its own, the bare echo, generators, seats to sell."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import asyncpg

from deploy.demo.attach import stage_of
from deploy.demo.stage import Stage
from deploy.local.child import Child, Command
from deploy.local.environment import PROJECT, inherited, python_module
from deploy.local.identities import Identities
from deploy.local.ports import Ports
from deploy.local.readiness import accepts_connections, grpc_serves
from deploy.local.record import StackRecord
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.state_folder import StateFolder
from deploy.local.topology import SERVICES
from tests.load.cpu import cpu_seconds
from tests.load.generator.fleet import Fleet, fleet
from tests.load.generator.precedence import step_back
from tests.load.journeys.holds import Offer
from tests.load.journeys.sessions import Sessions
from tests.load.programme import LoadedProgramme, Size, load_programme

# So many that arrivals seldom wait for one another within a process.
GENERATOR_PROCESSES = 4
ALONE_PROCESSES = 2
# Where the generator may not go ahead (see `go_ahead`), the suite steps back instead: the
# generator gets the CPU when it wants it, everything else shares the rest as equals.
SUITE_NICENESS = 5
# Longer than any run, so that the sweep of lapsed holds is not what is measured.
HOLD_SECONDS = 3_600
PAYER_DELAY_MS = 50
PARTY_SEED = 20_261_125
# Kept untouched for the paths that need a hall of their own, in each round.
WHOLE_SCREENINGS = 40
READY_TIMEOUT_S = 60.0
# Around the suite, on the same cores, but none of it.
AROUND = ("emulator", "mail")
# Each process leaves a `profile-...txt` in the present folder.
PROFILED = tuple(
    replace(spec, module=f"tests.load.profiled.{spec.name}")
    if spec.name in {"booking", "payment"}
    else spec
    for spec in SERVICES
)
_SALES_OPEN_ONLY_LATER = timedelta(days=1)


@dataclass(slots=True)
class SeatStock:
    """Parties of adjacent seats that nobody has asked for yet, and whole screenings."""

    programme: LoadedProgramme
    party_size: int
    screenings_across: int = field(init=False)
    _screenings: list[str] = field(init=False)
    _spread: Iterator[Offer] = field(init=False)

    def __post_init__(self) -> None:
        self._screenings = list(self.programme.screening_ids)
        self.screenings_across = len(self._screenings) - WHOLE_SCREENINGS
        across = self._screenings[: self.screenings_across]
        self._screenings = self._screenings[self.screenings_across :]
        parties = self.programme.legal_seats.parties(self.party_size)
        # Buyers do not take the seats of a hall row by row.
        Random(PARTY_SEED).shuffle(parties)  # noqa: S311
        # The next party of every screening before the one after it of any.
        self._spread = (Offer(screening_id, party) for party in parties for screening_id in across)

    def across(self, count: int) -> list[Offer]:
        """Take parties, each neighbour in the list of another screening."""
        offers = [offer for _, offer in zip(range(count), self._spread, strict=False)]
        if len(offers) < count:
            raise RuntimeError("The bench has run out of seats: give it more screenings.")
        return offers

    def screening(self) -> str:
        """Take a screening that nobody has touched."""
        return self._screenings.pop()


@dataclass(slots=True)
class Suite:
    """Everything that paths are measured on."""

    stack: LocalStack
    stage: Stage
    fleet: Fleet
    programme: LoadedProgramme
    stock: SeatStock
    sessions: Sessions
    echo_address: str
    alone_addresses: list[str]
    helpers: Mapping[str, Child]

    @property
    def record(self) -> StackRecord:
        return self.stack.record

    @property
    def booking(self) -> Sequence[str]:
        """Each booking process at its own address."""
        return self.stage.addresses.booking

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far by process: parts, helpers, and `generator`."""
        pids = {**self.record.processes}
        pids |= {name: child.pid for name, child in self.helpers.items() if child.pid}
        readings = cpu_seconds(pids)
        generators = {str(pid): pid for pid in self.fleet.pids}
        readings["generator"] = sum(cpu_seconds(generators).values())
        return readings

    async def learn_sizes(self) -> None:
        """Let PostgreSQL plan for tables with rows in them, as autovacuum would in a minute.

        Plans that were made for empty tables stay in the connections until then.
        """
        for urls in self.record.databases.values():
            connection = await asyncpg.connect(urls["owner"])
            try:
                await connection.execute("ANALYZE")
            finally:
                await connection.close()


@asynccontextmanager
async def open_suite(
    size: Size, party_size: int = 2, *, profiled: bool = False
) -> AsyncIterator[Suite]:
    """Start everything in a folder of its own; nothing stays behind."""
    async with AsyncExitStack() as opened:
        # Before we step back ourselves: what is started after that runs behind the generator.
        generators = opened.enter_context(fleet(GENERATOR_PROCESSES))
        goes_ahead = await generators.go_ahead()
        if not goes_ahead:
            os.nice(SUITE_NICENESS)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="parterre-bench-")))
        options = StackOptions(
            services=PROFILED if profiled else SERVICES,
            test_clock=False,
            auto_restart=False,
            preferred_ports={},
            say=_say,
        )
        stack = await opened.enter_async_context(LocalStack(folder / "state", options))
        await remember_commit_times(stack)
        stage = await opened.enter_async_context(stage_of(stack.record))
        _say(f"loading {size.screenings} screenings of {size.seats} seats ...")
        first_day = datetime.now(UTC) + _SALES_OPEN_ONLY_LATER
        programme = await load_programme(stage, size, first_day)
        behaviour = {"auto_pay_after_ms": PAYER_DELAY_MS}
        url = f"{stage.addresses.provider_url}/emulator/behaviour"
        async with stage.http.post(url, json=behaviour) as answer:
            answer.raise_for_status()
        ports = Ports(folder / "ports.json")
        helpers = await opened.enter_async_context(_helpers(folder, ports, stack.record))
        alone = [ports.address_of(_alone(number)) for number in range(ALONE_PROCESSES)]
        helper_pids = [child.pid for child in helpers.values() if child.pid]
        for pid in (*stack.record.processes.values(), *helper_pids) if not goes_ahead else ():
            step_back(pid, SUITE_NICENESS)
        yield Suite(
            stack=stack,
            stage=stage,
            fleet=generators,
            programme=programme,
            stock=SeatStock(programme, party_size),
            sessions=Sessions(Identities(StateFolder(folder / "state").keys, ()).session_key),
            echo_address=ports.address_of("echo"),
            alone_addresses=alone,
            helpers=helpers,
        )


async def remember_commit_times(stack: LocalStack) -> None:
    """Let PostgreSQL keep when each transaction became visible: that is what readers wait for."""
    connection = await asyncpg.connect(stack.record.postgres_admin_url)
    try:
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    finally:
        await connection.close()
    await stack.stop_part("postgres")
    await stack.start_part("postgres")
    await stack.wait_ready("postgres")


@asynccontextmanager
async def _helpers(
    folder: Path, ports: Ports, record: StackRecord
) -> AsyncIterator[dict[str, Child]]:
    echo = python_module("tests.load.echo_server", ports.address_of("echo"))
    commands = {"echo": Command(echo, environment=inherited(), working_folder=PROJECT)}
    for number in range(ALONE_PROCESSES):
        commands[_alone(number)] = Command(
            python_module("tests.load.booking_alone"),
            environment=_like(record, "booking-rpc-1", ports.address_of(_alone(number))),
            working_folder=PROJECT,
        )
    children = {name: Child(name, commands[name], folder / f"{name}.log") for name in commands}
    try:
        for child in children.values():
            await child.start()
        await _until_ready(children["echo"], partial(accepts_connections, ports.address_of("echo")))
        for number in range(ALONE_PROCESSES):
            name = _alone(number)
            await _until_ready(children[name], partial(grpc_serves, ports.address_of(name)))
        yield children
    finally:
        for child in children.values():
            await child.stop(READY_TIMEOUT_S)


async def _until_ready(child: Child, ready: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(READY_TIMEOUT_S):
        while not await ready():
            if not child.running:
                raise RuntimeError(f"{child.name} ended:\n{child.log_tail()}")
            await asyncio.sleep(0.05)


def _like(record: StackRecord, part: str, listen: str) -> dict[str, str]:
    """Give the environment of a running part, for one more process like it at its own address."""
    entries = Path(f"/proc/{record.processes[part]}/environ").read_bytes().split(b"\0")
    environment = dict(entry.decode().split("=", 1) for entry in entries if entry)
    prefix = f"PARTERRE_{part.split('-', maxsplit=1)[0].upper()}_"
    return environment | {
        f"{prefix}LISTEN": listen,
        f"{prefix}OWN_LISTEN": "",
        f"{prefix}METRICS_LISTEN": "",
    }


def _alone(number: int) -> str:
    return f"booking-alone-{number + 1}"


def _say(line: str) -> None:
    print(line, flush=True)
