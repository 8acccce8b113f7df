"""Catalog with half a year of a national chain: how fast it loads, and how fast it is read then.

    python -m tests.load.programme_load [--days N] [--record]

Exit code 0 when every goal is met, 1 when not, 2 when figures are void.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
from cinema.catalog.v1 import catalog_admin_service_pb2_grpc

from deploy.local.child import Child, Command
from deploy.local.environment import PROJECT, inherited, python_module
from deploy.local.ports import Ports
from deploy.local.programme_loader import ProgrammeLoader, feed_messages
from deploy.local.readiness import accepts_connections
from deploy.local.record import StackRecord
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.tokens import mint_token, person
from tests.load import results
from tests.load.bench.figures import Figure, figure_of, median_of
from tests.load.bench.report import report_lines, unmet_goals
from tests.load.bench.suite import SUITE_NICENESS
from tests.load.cpu import cpu_seconds, used
from tests.load.generator.drivers import ClosedLoop, Driver, OpenLoop
from tests.load.generator.fleet import Fleet, fleet
from tests.load.generator.journey import Journey
from tests.load.generator.sample import OK, Sample
from tests.load.half_year import DAYS, DAYS_PER_FEED, Feed, HalfYear
from tests.load.journeys.echo import Echoes
from tests.load.journeys.listings import Day, Listings

EXIT_UNMET, EXIT_VOID = 1, 2
GENERATOR_PROCESSES = 2
IMPORTS_AT_ONCE = 3
IMPORT_TIMEOUT_S = 300.0
MAX_FEED_BYTES = 64 * 1024 * 1024
SLICES = 6
ROUNDS, SECONDS, IN_FLIGHT = 5, 3.0, 64
WARM_UP_S = 15.0
# What customers look at: the days until the end of next week, in all cinemas.
DAYS_READ = 10
MAX_SETTLE_S = 900.0


@dataclass(slots=True)
class Ground:
    """A suite with nothing but the programme, beside the echo and the generators."""

    record: StackRecord
    fleet: Fleet
    echo_address: str
    echo: Child
    programme: HalfYear
    notes: list[str] = field(default_factory=list)

    @property
    def catalog(self) -> list[str]:
        return [self.record.addresses["catalog"]]

    def cpu(self) -> dict[str, float]:
        pids = dict(self.record.processes)
        if self.echo.pid:
            pids["echo"] = self.echo.pid
        readings = cpu_seconds(pids)
        generators = {str(pid): pid for pid in self.fleet.pids}
        return readings | {"generator": sum(cpu_seconds(generators).values())}

    def rss_mib(self, part: str = "catalog-rpc-1", *, peak: bool = False) -> float:
        status = Path(f"/proc/{self.record.processes[part]}/status").read_text(encoding="ascii")
        name = "VmHWM:" if peak else "VmRSS:"
        (line,) = (line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1]) / 1_024

    def forget_peak(self, part: str = "catalog-rpc-1") -> None:
        Path(f"/proc/{self.record.processes[part]}/clear_refs").write_text("5", encoding="ascii")

    def note(self, line: str) -> None:
        self.notes.append(line)
        print(line, flush=True)

    async def measure(self, journey: Journey, driver: Driver) -> tuple[Sample, dict[str, float]]:
        await self.fleet.prepare(journey)
        before = self.cpu()
        sample = await self.fleet.run(driver)
        return sample, used(before, self.cpu())


@asynccontextmanager
async def open_ground(days: int) -> AsyncIterator[Ground]:
    """Start everything in a folder of its own; nothing stays behind."""
    async with AsyncExitStack() as opened:
        generators = opened.enter_context(fleet(GENERATOR_PROCESSES))
        if not await generators.go_ahead():
            os.nice(SUITE_NICENESS)
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="parterre-load-")))
        options = StackOptions(test_clock=False, auto_restart=False, preferred_ports={})
        stack = await opened.enter_async_context(LocalStack(folder / "state", options))
        address = Ports(folder / "ports.json").address_of("echo")
        command = Command(
            python_module("tests.load.echo_server", address),
            environment=inherited(),
            working_folder=PROJECT,
        )
        echo = Child("echo", command, folder / "echo.log")
        await echo.start()
        opened.push_async_callback(echo.stop, 10.0)
        await _until(partial(accepts_connections, address), 30.0)
        first_day = datetime.now(UTC).date() + timedelta(days=1)
        yield Ground(stack.record, generators, address, echo, HalfYear(first_day, days))


async def load(ground: Ground) -> Figure:
    """Import everything over the call, week after week, and see whether it slows down."""
    programme = ground.programme
    provider_key = Path(ground.record.files["provider_key"])
    async with grpc.aio.insecure_channel(ground.record.addresses["catalog"]) as channel:
        began = time.perf_counter()
        await ProgrammeLoader(channel, provider_key, programme.opening(), _silent).load()
    ground.note(f"chain, halls and first day: {time.perf_counter() - began:.0f} s")
    ground.note(f"catalog-rpc-1 before the import: {ground.rss_mib():.0f} MiB")
    async with _admin(ground.record) as (stub, metadata):
        feeds = programme.feeds()
        total, cpu_before, seconds = 0, ground.cpu(), 0.0
        size = -(-programme.screenings // SLICES)
        while part := list(_take(feeds, size)):
            began, before = time.perf_counter(), ground.cpu()
            await _import_all(stub, metadata, part)
            took, spent = time.perf_counter() - began, used(before, ground.cpu())
            count = sum(feed.screenings for feed in part)
            total, seconds = total + count, seconds + took
            each_us = {name: spent[name] / count * 1e6 for name in ("catalog-rpc-1", "postgres")}
            shown = ", ".join(f"{name} {us:.0f} us each" for name, us in each_us.items())
            ground.note(f"  {total:,} screenings: {count / took:,.0f} per s ({shown})")
        cpu_s = used(cpu_before, ground.cpu())
    ground.note(f"catalog-rpc-1 after the import: {ground.rss_mib():.0f} MiB")
    sample = Sample(0.0, seconds, [seconds], [OK], [seconds])
    more = {"screenings": float(total), "seconds": seconds}
    return figure_of(
        "300,000 screenings", sample, cpu_s, per=total, more=more, per_s=total / seconds
    )


async def settle(ground: Ground) -> None:
    """Wait until booking has consumed what was told, and let PostgreSQL learn its sizes."""
    began, before = time.perf_counter(), ground.cpu()
    await _until(lambda: _all_consumed(ground.record), MAX_SETTLE_S)
    spent = used(before, ground.cpu())
    ground.note(
        f"booking had consumed every event {time.perf_counter() - began:.0f} s later"
        f" (booking-worker {spent['booking-worker']:.0f} s of CPU,"
        f" postgres {spent['postgres']:.0f} s)"
    )
    connection = await asyncpg.connect(ground.record.databases["catalog"]["owner"])
    try:
        await connection.execute("ANALYZE")
        bytes_of = await connection.fetch(
            """SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class
               WHERE relname = ANY (ARRAY['screening', 'outbox', 'programme_change'])"""
        )
    finally:
        await connection.close()
    sizes = ", ".join(f"{row['relname']} {row['bytes'] / 2**20:.0f} MiB" for row in bytes_of)
    ground.note(f"on disk: {sizes}")


async def read(ground: Ground) -> dict[str, Figure]:
    """Read days in rounds beside the echo, then at half of what that found, then all of them."""
    dates = [day.isoformat() for day in ground.programme.dates]
    cinemas = ground.programme.cinema_ids
    near: list[Day] = list(product(cinemas, dates[:DAYS_READ]))
    closed = ClosedLoop(SECONDS, IN_FLIGHT)
    echoes, listings = Echoes([ground.echo_address]), Listings(ground.catalog, near)
    # Until every day has been read by the process once.
    await ground.measure(listings, ClosedLoop(WARM_UP_S, IN_FLIGHT))
    ground.note(f"catalog-rpc-1 with {len(near)} days read: {ground.rss_mib():.0f} MiB")
    rounds: dict[str, list[Figure]] = {"echo": [], "ListScreenings": []}
    for _ in range(ROUNDS):
        echo = figure_of("echo", *await ground.measure(echoes, closed))
        listed = figure_of("ListScreenings", *await ground.measure(listings, closed))
        ground.note(f"echo {echo.per_s:,.0f}/s, ListScreenings {listed.per_s:,.0f}/s")
        rounds["echo"].append(replace(echo, of_echo=1.0))
        rounds["ListScreenings"].append(replace(listed, of_echo=listed.per_s / echo.per_s))
    figures = {path: median_of(of_path) for path, of_path in rounds.items()}
    half = OpenLoop(figures["ListScreenings"].per_s / 2, ROUNDS * SECONDS)
    at_half = figure_of("ListScreenings at half", *await ground.measure(listings, half))
    everything = Listings(ground.catalog, list(product(cinemas, dates)))
    sweep = figure_of(
        "ListScreenings, all days", *await ground.measure(everything, ClosedLoop(30.0, IN_FLIGHT))
    )
    ground.note(f"catalog-rpc-1 after reading every day: {ground.rss_mib():.0f} MiB")
    return figures | {each.path: each for each in (at_half, sweep)}


async def import_the_largest(ground: Ground) -> None:
    """Import a file as large as is allowed, and see how much memory that takes at its peak."""
    programme = ground.programme
    cinema_id = programme.cinema_ids[0]
    later = replace(programme, first_day=programme.dates[-1] + timedelta(days=7), days=7)
    sample = next(later.feeds())
    days = int(MAX_FEED_BYTES * 0.99 / len(sample.content) * DAYS_PER_FEED)
    feed = replace(later, days=days).feed_of(cinema_id)
    before_mib = ground.rss_mib()
    ground.forget_peak()
    began = time.perf_counter()
    outcome = OK
    async with _admin(ground.record) as (stub, metadata):
        try:
            await _import_all(stub, metadata, [feed])
        except grpc.aio.AioRpcError as error:  # Such as the statements' time limit.
            outcome = error.code().name
    ground.note(
        f"a feed of {len(feed.content) / 2**20:.0f} MiB with {feed.screenings:,} screenings:"
        f" {outcome} in {time.perf_counter() - began:.0f} s; catalog-rpc-1 had"
        f" {before_mib:.0f} MiB, {ground.rss_mib(peak=True):.0f} MiB at most"
    )


async def main(days: int, *, record: bool) -> int:
    """Measure, print, and remember when asked to."""
    began = time.monotonic()
    async with open_ground(days) as ground:
        loaded = await load(ground)
        await settle(ground)
        figures = {loaded.path: loaded} | await read(ground)
        await import_the_largest(ground)
    lines = [*report_lines(figures, ground.notes), "", f"In {time.monotonic() - began:.0f} s."]
    print("\n".join(["", results.heading("programme load"), "", *lines]))
    if record:
        results.append("programme load", lines)
    if any(figure.void for figure in figures.values()):
        return EXIT_VOID
    return EXIT_UNMET if unmet_goals(figures) else 0


@asynccontextmanager
async def _admin(record: StackRecord) -> AsyncIterator[tuple[Any, Any]]:
    provider_key = Path(record.files["provider_key"])
    token = mint_token(provider_key, person("operator", subject="programme-load"))
    async with grpc.aio.insecure_channel(record.addresses["catalog"]) as channel:
        stub = catalog_admin_service_pb2_grpc.CatalogAdminServiceStub(channel)
        yield stub, (("authorization", f"Bearer {token}"),)


async def _import_all(stub: Any, metadata: Any, feeds: list[Feed]) -> None:
    at_once = asyncio.Semaphore(IMPORTS_AT_ONCE)

    async def send(feed: Feed) -> None:
        async with at_once:
            answers = stub.ImportProgramme(
                feed_messages(feed.cinema_id, feed.content, str(uuid4())),
                metadata=metadata,
                timeout=IMPORT_TIMEOUT_S,
            )
            problems = [each.problem async for each in answers if each.HasField("problem")]
        if problems:
            raise RuntimeError(f"The programme was not taken as it is: {problems[0]}")

    await asyncio.gather(*(send(feed) for feed in feeds))


def _take(feeds: Iterator[Feed], screenings: int) -> Iterator[Feed]:
    """Take feeds until they have so many screenings."""
    taken = 0
    for feed in feeds:
        yield feed
        taken += feed.screenings
        if taken >= screenings:
            return


async def _all_consumed(record: StackRecord) -> bool:
    numbered = await _value(record, "catalog", "SELECT last_feed_number FROM relay_state")
    waiting = "SELECT count(*) FROM outbox WHERE feed_number IS NULL"
    open_rows = await _value(record, "catalog", waiting)
    consumed = await _value(
        record, "booking", "SELECT reconciled_through FROM feed_position WHERE source = 'catalog'"
    )
    return not open_rows and consumed >= numbered


async def _value(record: StackRecord, service: str, query: str) -> Any:
    connection = await asyncpg.connect(record.databases[service]["owner"])
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def _until(holds: Callable[[], Any], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not await holds():  # noqa: ASYNC110 - what changes is in a database.
            await asyncio.sleep(0.2)


def _silent(line: str) -> None:
    del line


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.load.programme_load", description=__doc__
    )
    parser.add_argument("--days", type=int, default=DAYS, help="fewer days, for development")
    parser.add_argument("--record", action="store_true", help="add the result to RESULTS.md")
    arguments = parser.parse_args()
    sys.exit(asyncio.run(main(arguments.days, record=arguments.record)))
