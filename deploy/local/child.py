"""A child process with its log file: started, stopped, killed with all it started."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.process_tree import descendants, is_alive

LAUNCH = Path(__file__).with_name("launch.py")
MAX_LOG_BYTES = 5_000_000
LOG_TAIL_LINES = 15
LOG_TAIL_BYTES = 20_000
LOG_MODE = 0o600
KILL_TIMEOUT_SECONDS = 10.0
KILL_POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Command:
    """What to run. `environment` is the whole environment; None means the parent's."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None
    working_folder: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # Sent by the kernel when the parent is gone.
    death_signal: signal.Signals = signal.SIGKILL
    # The program sets its own death signal (`setpriv --pdeathsig`); ours would be lost.
    sets_own_death_signal: bool = False


@dataclass
class Child:
    """One process and its log."""

    name: str
    command: Command
    log_file: Path
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def start(self) -> None:
        """Start it in a session of its own, output appended to the (rotated) log file."""
        rotate(self.log_file)
        arguments = list(self.command.arguments)
        if not self.command.sets_own_death_signal:
            launch = [sys.executable, "-I", "-S", str(LAUNCH)]
            arguments = [*launch, str(int(self.command.death_signal)), str(os.getpid()), *arguments]
        log = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, LOG_MODE)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.command.environment,
                cwd=self.command.working_folder,
                start_new_session=True,
            )
        finally:
            os.close(log)

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Its exit code, negative for a signal; None when running or never started."""
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """Wait for its end and return the exit code."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._process.wait()

    async def stop(self, timeout_seconds: float) -> None:
        """Ask it to stop; kill it with all it started when it has not after the timeout."""
        if self._process is None or not self.running:
            return
        self._process.send_signal(self.command.stop_signal)
        try:
            await asyncio.wait_for(self._process.wait(), timeout_seconds)
        except TimeoutError:
            await self.kill()
        self._kill_group()

    async def kill(self) -> None:
        """SIGKILL it and every process that it started, at once, and wait for their end."""
        if self._process is None or not self.running:
            return
        started = descendants(self._process.pid)
        for pid in (self._process.pid, *started):
            send_signal(pid, signal.SIGKILL)
        self._kill_group()
        await self._process.wait()
        async with asyncio.timeout(KILL_TIMEOUT_SECONDS):
            while any(is_alive(pid) for pid in started):  # noqa: ASYNC110 - not our children.
                await asyncio.sleep(KILL_POLL_SECONDS)

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        return log_tail(self.log_file)

    def _kill_group(self) -> None:
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return


def send_signal(pid: int, number: signal.Signals) -> None:
    """Signal a process; one that is gone is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def rotate(log_file: Path) -> None:
    """Keep a log bounded: at a start, one past the limit becomes `.1`, replacing an older `.1`."""
    if log_file.exists() and log_file.stat().st_size > MAX_LOG_BYTES:
        log_file.replace(log_file.with_name(log_file.name + ".1"))


def log_tail(log_file: Path) -> str:
    """Return the last lines of a log file; empty when there is none."""
    if not log_file.exists():
        return ""
    with log_file.open("rb") as file:
        file.seek(max(0, log_file.stat().st_size - LOG_TAIL_BYTES))
        text = file.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])
