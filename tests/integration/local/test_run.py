"""The command line, with one fake service: start, look, stop; and servers that are given."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from deploy.local import commands
from deploy.local.backing import External
from deploy.local.environment import PROJECT
from deploy.local.errors import StackError
from deploy.local.process_tree import descendants, is_alive
from deploy.local.record import attach
from deploy.local.stack import LocalStack
from deploy.local.state_folder import StateFolder
from tests.integration.local.stacks import FAKE, small

START_TIMEOUT_SECONDS = 60
RUN = """
import sys
from pathlib import Path
from deploy.local import commands
from tests.integration.local.stacks import FAKE

sys.exit(commands.run(commands.RunOptions(Path(sys.argv[1]), services=(FAKE,), preferred_ports={})))
"""


async def run_command(state: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Start `run` and read its output until it waits for Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RUN, str(state)), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    output = ""
    async with asyncio.timeout(START_TIMEOUT_SECONDS):
        while "Ctrl-C" not in output:
            line = await process.stdout.readline()
            assert line, output
            output += line.decode()
    return process, output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_run_starts_says_what_to_try_and_takes_everything_down(
    tmp_path: Path, number: signal.Signals
) -> None:
    process, output = await run_command(tmp_path / "state")
    record = attach(StateFolder(tmp_path / "state"))
    tree = descendants(process.pid)
    status = commands.status(tmp_path / "state")

    process.send_signal(number)
    rest, _ = await process.communicate()

    assert process.returncode == 0
    assert record.addresses["catalog"] in output
    assert f"http://{record.addresses['mailbox']}/" in output
    assert status == 0
    assert rest.decode().splitlines()[-1] == "Stopped; the data stays."
    assert tree
    assert not any(is_alive(pid) for pid in tree)
    assert commands.status(tmp_path / "state") == 1


async def test_servers_that_are_given_by_address_are_used_instead_of_own_ones(
    tmp_path: Path,
) -> None:
    async with LocalStack(tmp_path / "servers", small()) as servers:
        given = External(
            servers.record.postgres_admin_url,
            servers.record.redis_url,
            servers.record.nats_urls["admin"],
        )
        options = small(external=given)
        async with LocalStack(tmp_path / "state", options) as stack:
            parts = set(stack.parts.names())
            database = stack.record.databases["catalog"]["app"]

    assert parts == {"mail", *FAKE.process_names}
    assert servers.record.addresses["postgres"] in database


def test_attaching_without_a_stack_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="make run"):
        attach(StateFolder(tmp_path / "state"))
