"""A part of the stack: a program, what it needs before a start, and how to see it is ready."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.child import Child, Command
from deploy.local.errors import PartFailedError

FIRST_PROBE_SECONDS = 0.02
MAX_PROBE_SECONDS = 0.25


async def nothing_to_prepare() -> None:
    """For parts that need nothing before a start."""


@dataclass(frozen=True)
class Part:
    """What to run under a name.

    `prepare` runs before every start (make folders, check the port) and may raise StackError.
    `ready` says whether the part serves; a refused connection is False, never an exception.
    """

    name: str
    command: Callable[[], Command]
    ready: Callable[[], Awaitable[bool]]
    prepare: Callable[[], Awaitable[None]] = nothing_to_prepare
    start_timeout_seconds: float = 30.0
    stop_timeout_seconds: float = 10.0


class RunningPart:
    """A part and its present process, if any."""

    def __init__(self, part: Part, logs: Path) -> None:
        self.part = part
        self._log_file = logs / f"{part.name}.log"
        self._child: Child | None = None

    @property
    def name(self) -> str:
        return self.part.name

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child else None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    async def start(self) -> None:
        """Start the process without waiting until it is ready; harmless when it runs."""
        if self.running:
            return
        await self.part.prepare()
        self._child = Child(self.name, self.part.command(), self._log_file)
        await self._child.start()

    async def wait_ready(self) -> None:
        """Wait until the part serves. Raises PartFailedError when it ends or takes too long."""
        pause = FIRST_PROBE_SECONDS
        try:
            async with asyncio.timeout(self.part.start_timeout_seconds):
                while not await self.part.ready():
                    self._refuse_when_ended()
                    await asyncio.sleep(pause)
                    pause = min(pause * 1.5, MAX_PROBE_SECONDS)
        except TimeoutError:
            seconds = f"{self.part.start_timeout_seconds:g} s"
            raise PartFailedError(
                self.name, f"was not ready after {seconds}", self.log_tail()
            ) from None
        self._refuse_when_ended()

    async def wait_ended(self) -> int:
        """Wait for the end of the present process and return its exit code."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was never started")
        return await self._child.wait()

    async def stop(self) -> None:
        """Stop it gently, then firmly; harmless when it does not run."""
        if self._child is not None:
            await self._child.stop(self.part.stop_timeout_seconds)

    async def kill(self) -> None:
        """SIGKILL it with everything that it started."""
        if self._child is not None:
            await self._child.kill()

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        return self._child.log_tail() if self._child else ""

    def _refuse_when_ended(self) -> None:
        if self._child is None or not self._child.running:
            code = self._child.exit_code if self._child else None
            raise PartFailedError(self.name, f"ended with code {code}", self.log_tail())
