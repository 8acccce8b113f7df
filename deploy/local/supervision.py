"""Keeps parts alive: one that ends unasked is started again, with back-off, up to a limit."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.local.errors import PartFailedError, StackError
from deploy.local.part import RunningPart

Say = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """The wait before a restart, doubled at each death, and how many deaths are too many."""

    first_restart_seconds: float = 0.2
    max_restart_seconds: float = 5.0
    max_deaths: int = 5
    death_window_seconds: float = 60.0


@dataclass
class Supervision:
    """Watches one part. `failed` is called once when it died too often to go on."""

    running: RunningPart
    say: Say
    failed: Callable[[StackError], None]
    changed: Callable[[], None]
    auto_restart: bool = True
    patience: Patience = field(default_factory=Patience)
    _deaths: deque[float] = field(default_factory=deque)
    _task: asyncio.Task[None] | None = None

    def watch(self) -> None:
        """Begin to watch the present process."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """Stop the part for good: it is no death when it ends."""
        await self.unwatch()
        await self.running.stop()

    async def unwatch(self) -> None:
        """Stop watching; the part goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _keep_alive(self) -> None:
        while True:
            code = await self.running.wait_ended()
            self.changed()
            if not self.auto_restart:
                self.say(f"{self.running.name} ended with code {code}.")
                return
            try:
                await self._restart(f"ended with code {code}")
            except StackError as error:
                self.failed(error)
                return

    async def _restart(self, reason: str) -> None:
        while True:
            pause = self._pause_after_death(reason)
            self.say(f"{self.running.name} {reason}; starting it again in {pause:.1f} s.")
            await asyncio.sleep(pause)
            try:
                await self.running.start()
                self.changed()
                await self.running.wait_ready()
            except PartFailedError as error:
                reason = "did not come back"
                self.say(str(error))
                await self.running.kill()
            else:
                self.say(f"{self.running.name} is back.")
                return

    def _pause_after_death(self, reason: str) -> float:
        """Note a death and return the wait before the next start; raises when there are too many."""
        patience, now = self.patience, time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > patience.death_window_seconds:
            self._deaths.popleft()
        deaths = len(self._deaths)
        if deaths > patience.max_deaths:
            raise PartFailedError(
                self.running.name,
                f"{reason}, {deaths} times within {patience.death_window_seconds:.0f} s",
                self.running.log_tail(),
            )
        doubled = patience.first_restart_seconds * 2.0 ** (deaths - 1)
        return min(doubled, patience.max_restart_seconds)
