"""The servers as root, in both ways, and as an ordinary user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.environment import PROJECT, inherited

TIMEOUT_SECONDS = 60
NOBODY = 65_534
# An ordinary user who may read this Python wherever it is installed, and nothing more.
AS_NOBODY = (
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"),
)

START_POSTGRES = """
import asyncio, os, sys
from pathlib import Path
import deploy.local.servers.unprivileged as users
from deploy.local.part import RunningPart
from deploy.local.ports import Ports
from deploy.local.servers.postgres import PostgresServer
from deploy.local.state_folder import StateFolder

async def main():
    state = StateFolder(Path(sys.argv[1]))
    state.create()
    running = RunningPart(PostgresServer(state, Ports(state.ports_file)).part(), state.logs)
    for _ in range(2):
        await running.start()
        await running.wait_ready()
        await running.kill()
    await running.start()
    await running.wait_ready()
    await running.stop()
    print("served", os.geteuid())

users.NAMESPACE = ("unshare", *sys.argv[2:]) if sys.argv[2:] else users.NAMESPACE
asyncio.run(main())
"""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="changes the user: needs root"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's own, which others may not enter."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def started(state: Path, *arguments: str, before: tuple[str, ...] = ()) -> str:
    command = [*before, sys.executable, "-c", START_POSTGRES, str(state), *arguments]
    done = subprocess.run(
        command,
        env=inherited(),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return done.stdout + done.stderr


def test_root_starts_postgres(folder: Path) -> None:
    assert "served 0" in started(folder / "state")


def test_root_starts_postgres_where_namespaces_are_forbidden(folder: Path) -> None:
    assert "served 0" in started(folder / "state", "--no-such-option")


def test_an_ordinary_user_starts_postgres(folder: Path) -> None:
    os.chown(folder, NOBODY, NOBODY)

    assert f"served {NOBODY}" in started(folder / "state", before=AS_NOBODY)
