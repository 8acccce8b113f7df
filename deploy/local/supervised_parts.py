"""All parts of a stack by name: brought up, killed, started, stopped."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.part import Part, RunningPart
from deploy.local.supervision import Say, Supervision


class SupervisedParts:
    """Starts parts and keeps them alive. `changed` is called when a process came or went."""

    def __init__(
        self, logs: Path, *, say: Say, changed: Callable[[], None], auto_restart: bool
    ) -> None:
        self._logs = logs
        self._say = say
        self._changed = changed
        self._auto_restart = auto_restart
        self._supervisions: dict[str, Supervision] = {}
        self._failure: asyncio.Future[StackError] = asyncio.get_running_loop().create_future()

    async def bring_up(self, part: Part) -> None:
        """Start a part, wait until it serves, and watch it from then on."""
        began = time.monotonic()
        running = RunningPart(part, self._logs)
        supervision = Supervision(
            running,
            say=self._say,
            failed=self._fail,
            changed=self._changed,
            auto_restart=self._auto_restart,
        )
        self._supervisions[part.name] = supervision
        await running.start()
        await running.wait_ready()
        supervision.watch()
        self.say_ready(part.name, began)

    def say_ready(self, name: str, began: float) -> None:
        """Show one line of progress; `began` is a time.monotonic()."""
        self._say(f"  {name:<16} ready {time.monotonic() - began:5.1f} s")

    async def kill(self, name: str) -> None:
        """SIGKILL a part and all its processes."""
        await self._find(name).running.kill()
        self._changed()

    async def start(self, name: str) -> None:
        """Start a part that ended, without waiting until it is ready."""
        supervision = self._find(name)
        await supervision.running.start()
        supervision.watch()
        self._changed()

    async def stop(self, name: str) -> None:
        """Stop a part gently; it stays stopped."""
        await self._find(name).stop()
        self._changed()

    async def wait_ready(self, name: str) -> None:
        """Wait until a part serves. Raises PartFailedError when it ends or takes too long."""
        await self._find(name).running.wait_ready()

    async def stop_all(self, last: Sequence[str]) -> None:
        """Stop everything, the parts named in `last` after the others."""
        supervisions = list(self._supervisions.values())
        for supervision in supervisions:
            await supervision.unwatch()
        first = [each for each in supervisions if each.running.name not in last]
        rest = [each for each in supervisions if each.running.name in last]
        for group in (first, rest):
            await asyncio.gather(*(supervision.stop() for supervision in group))
        self._supervisions.clear()

    async def wait_failed(self) -> StackError:
        """Wait until a part died too often, and return why."""
        return await asyncio.shield(self._failure)

    def set_auto_restart(self, *, on: bool) -> None:
        """Decide whether parts that end from now on are started again."""
        for supervision in self._supervisions.values():
            supervision.auto_restart = on

    def names(self) -> tuple[str, ...]:
        """Return the names of all parts, running or not."""
        return tuple(self._supervisions)

    def pids(self) -> dict[str, int]:
        """Return the process ids of the parts that run."""
        pids = {name: each.running.pid for name, each in self._supervisions.items()}
        return {name: pid for name, pid in pids.items() if pid is not None}

    def _find(self, name: str) -> Supervision:
        if name not in self._supervisions:
            raise StackError(f"There is no part {name!r}; parts are: {', '.join(self.names())}.")
        return self._supervisions[name]

    def _fail(self, error: StackError) -> None:
        if not self._failure.done():
            self._failure.set_result(error)


async def all_of(works: Sequence[Awaitable[None]]) -> None:
    """Wait for all; when one fails, cancel the others and raise its error alone."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
