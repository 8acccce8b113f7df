import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from stat import S_IMODE

import asyncpg
import pytest

from deploy.local.environment import PROJECT
from deploy.local.errors import PartFailedError, PortTakenError, StackError, StateInUseError
from deploy.local.ports import LOOPBACK
from deploy.local.process_tree import descendants, is_alive
from deploy.local.readiness import grpc_serves
from deploy.local.record import StackRecord, attach, running_stack
from deploy.local.stack import LocalStack
from deploy.local.state_folder import StateFolder
from tests.integration.local.stacks import small

WAIT_SECONDS = 90.0


async def until(condition: object) -> None:
    """Wait for something that tells nobody when it happens."""
    assert callable(condition)
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def provider_key(record: StackRecord) -> str:
    return Path(record.files["provider_key"]).read_text()


async def test_all_parts_run_and_the_record_tells_where(tmp_path: Path) -> None:
    lines: list[str] = []

    async with LocalStack(tmp_path / "state", small(say=lines.append)) as stack:
        record = attach(StateFolder(tmp_path / "state"))
        serving = [
            await grpc_serves(record.addresses[name])
            for name in ("catalog", "catalog-rpc-1", "catalog-rpc-2")
        ]
        mode = S_IMODE((tmp_path / "state" / "stack.json").stat().st_mode)
        parts = set(stack.parts.names())

    assert serving == [True] * 3
    assert set(record.processes) == parts
    assert parts == {
        *("postgres", "redis", "nats", "mail"),
        *("catalog-rpc-1", "catalog-rpc-2", "catalog-worker"),
    }
    assert mode == 0o600
    assert sum("ready" in line for line in lines) == len(parts) + 1
    assert running_stack(StateFolder(tmp_path / "state")) is None
    assert not any(is_alive(pid) for pid in record.processes.values())


async def test_a_second_start_keeps_data_ports_and_keys(tmp_path: Path) -> None:
    async with LocalStack(tmp_path / "state", small()) as stack:
        first = stack.record
        connection = await asyncpg.connect(first.databases["catalog"]["app"])
        await connection.execute("INSERT INTO film VALUES ('Stalker')")
        await connection.close()
        key = provider_key(first)

    async with LocalStack(tmp_path / "state", small()) as stack:
        second = stack.record
        connection = await asyncpg.connect(second.databases["catalog"]["app"])
        films = await connection.fetchval("SELECT count(*) FROM film")
        await connection.close()

    assert films == 1
    assert second.addresses == first.addresses
    assert provider_key(second) == key


async def test_a_part_that_was_killed_comes_back(tmp_path: Path) -> None:
    async with LocalStack(tmp_path / "state", small()) as stack:
        before = dict(stack.record.processes)

        await stack.kill("catalog-rpc-1")
        await stack.kill("postgres")
        await until(lambda: len(stack.record.processes) == len(before))
        await stack.wait_ready("catalog-rpc-1")
        await stack.wait_ready("postgres")
        after = stack.record.processes

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"catalog-rpc-1", "postgres"}


async def test_without_auto_restart_a_killed_part_waits_to_be_started(tmp_path: Path) -> None:
    async with LocalStack(tmp_path / "state", small(auto_restart=False)) as stack:
        await stack.kill("catalog-worker")
        await stack.kill("nats")
        gone = set(stack.record.processes)

        for part in ("nats", "catalog-worker"):
            await stack.start_part(part)
            await stack.wait_ready(part)
        back = set(stack.record.processes)

    assert back - gone == {"nats", "catalog-worker"}


async def test_a_part_that_cannot_start_stops_the_start_and_shows_its_log(tmp_path: Path) -> None:
    options = small(overrides={"DIES": "1"})
    # Other tests' suites may be children of this very process.
    before = set(descendants(os.getpid()))

    with pytest.raises(PartFailedError) as caught:
        await LocalStack(tmp_path / "state", options).start()

    assert caught.value.part == "catalog-worker"
    assert "told to die" in str(caught.value)
    assert set(descendants(os.getpid())) <= before
    assert not StateFolder(tmp_path / "state").in_use()


async def test_a_part_that_cannot_come_back_stops_the_stack(tmp_path: Path) -> None:
    async with LocalStack(tmp_path / "state", small()) as stack:
        port = int(stack.record.addresses["redis"].rpartition(":")[2])
        await stack.kill("redis")
        squatter = await asyncio.start_server(lambda *_: None, LOOPBACK, port)
        async with asyncio.timeout(60):
            error = await stack.wait_failed()
        squatter.close()

    assert "redis" in str(error)


async def test_a_folder_serves_one_stack_and_is_not_wiped_meanwhile(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")

    with state.locked():
        with pytest.raises(StateInUseError):
            await LocalStack(tmp_path / "state", small()).start()
        with pytest.raises(StateInUseError):
            state.wipe()
    state.wipe()

    assert not (tmp_path / "state").exists()


async def test_a_taken_service_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda *_: None, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    state = StateFolder(tmp_path / "state")
    state.create()
    state.ports_file.write_text(json.dumps({"catalog": port}))

    with pytest.raises(PortTakenError) as caught:
        await LocalStack(tmp_path / "state", small()).start()
    server.close()

    assert (caught.value.part, caught.value.port) == ("catalog", port)


async def test_an_unknown_part_is_named_with_those_that_exist(tmp_path: Path) -> None:
    async with LocalStack(tmp_path / "state", small()) as stack:
        with pytest.raises(StackError, match="catalog-rpc-1"):
            await stack.kill("catalogue")


SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from deploy.local.stack import LocalStack
from tests.integration.local.stacks import small

async def main():
    async with LocalStack(Path(sys.argv[1]), small()):
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    arguments = [sys.executable, "-c", SUPERVISOR, str(state.root)]
    supervisor = await asyncio.create_subprocess_exec(
        *arguments, cwd=PROJECT, stdout=asyncio.subprocess.DEVNULL
    )
    await until(lambda: supervisor.returncode is not None or _ready(state))
    tree = descendants(supervisor.pid)

    supervisor.send_signal(signal.SIGKILL)
    await supervisor.wait()
    await until(lambda: not any(is_alive(pid) for pid in tree))

    assert tree
    assert running_stack(state) is None
    async with LocalStack(state.root, small()) as stack:
        assert stack.record.ready


def _ready(state: StateFolder) -> bool:
    record = running_stack(state)
    return record is not None and record.ready
