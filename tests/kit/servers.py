"""PostgreSQL, Redis and NATS for a test run, shared by all its pytest processes.

The first process that needs them starts a keeper, which outlives no pytest process. Each worker
has a Redis database and a NATS account of its own; databases come from `tests.kit.databases`.
The fixtures in `tests/conftest.py` are the way in.
"""

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from deploy.local.ports import LOOPBACK
from tests.kit.server_keeper import MAX_WORKERS, READY_FILE, Servers

START_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02
PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class SharedServers:
    """The servers, as this worker sees them."""

    servers: Servers
    worker: int

    @property
    def admin_url(self) -> str:
        """PostgreSQL's superuser; tests of services want a database of the factory instead."""
        return self.servers.postgres.admin_url

    @property
    def redis_url(self) -> str:
        """This worker's numbered database."""
        return self.servers.redis.url(self.worker)

    def nats_url(self, user: str) -> str:
        """This worker's account, as 'admin' or as a service with a service's permissions."""
        return self.servers.nats.url(user, prefix=f"w{self.worker}-")


@contextmanager
def shared_servers() -> Iterator[SharedServers]:
    """The run's servers, started when this is the first process to ask; held until the end."""
    folder = run_folder()
    with ExitStack() as leases:
        with _start_lock():
            port = _lease_port(folder)
            if port is None:
                leases.enter_context(_started_keeper(folder))
            else:
                leases.enter_context(socket.create_connection((LOOPBACK, port)))
        yield SharedServers(Servers(folder), worker_number())


def worker_number() -> int:
    """This pytest process's number among its run's workers; 0 without xdist."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if number >= MAX_WORKERS:
        raise RuntimeError(f"The test servers serve at most {MAX_WORKERS} workers.")
    return number


def run_folder() -> Path:
    """The folder of this run's servers, the same for all its workers."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"pid{os.getpid()}")
    return Path(tempfile.gettempdir()) / f"parterre-tests-{os.getuid()}-{run}"


@contextmanager
def _start_lock() -> Iterator[None]:
    path = Path(tempfile.gettempdir()) / f"parterre-tests-{os.getuid()}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lease_port(folder: Path) -> int | None:
    ready = folder / READY_FILE
    return int(json.loads(ready.read_text())["lease_port"]) if ready.exists() else None


def _started_keeper(folder: Path) -> IO[bytes]:
    """Start the keeper and return its standard input, which is our lease."""
    folder.mkdir(mode=0o700)
    log_file = folder / "keeper.log"
    with log_file.open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.server_keeper", str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=PROJECT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if keeper.stdin is not None and _lease_port(folder) is not None:
            # It lives on as long as anybody of the run; its end is not ours to wait for.
            keeper.returncode = 0
            return keeper.stdin
        if keeper.poll() is not None:
            break
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"The test servers did not start:\n{_text(log_file)}")


def _text(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else "(no log)"
