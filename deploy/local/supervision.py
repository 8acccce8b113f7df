"""Keeps parts alive: one that ends unasked is started again, with back-off, up to a limit."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.local.errors import PartFailedError, StackError
from deploy.local.part import RunningPart

FIRST_RESTART_SECONDS = 0.2
MAX_RESTART_SECONDS = 5.0
MAX_DEATHS = 5
DEATH_WINDOW_SECONDS = 60.0

Say = Callable[[str], None]


@dataclass
class Supervision:
    """Watches one part. `failed` is called once when it died too often to go on."""

    running: RunningPart
    say: Say
    failed: Callable[[StackError], None]
    changed: Callable[[], None]
    auto_restart: bool = True
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
        now = time.monotonic()
        self._deaths.append(now)
        while now - self._deaths[0] > DEATH_WINDOW_SECONDS:
            self._deaths.popleft()
        if len(self._deaths) > MAX_DEATHS:
            raise PartFailedError(
                self.running.name,
                f"{reason} and died {len(self._deaths)} times within {DEATH_WINDOW_SECONDS:.0f} s",
                self.running.log_tail(),
            )
        doubled = FIRST_RESTART_SECONDS * 2.0 ** (len(self._deaths) - 1)
        return min(doubled, MAX_RESTART_SECONDS)
