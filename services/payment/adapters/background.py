"""Work that goes on after the answer was given, bounded, one at a time for each key."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from services.common.logging import get_logger

_log = get_logger(__name__)


@dataclass(slots=True)
class TaskBackground:
    """Runs at most `max_running_tasks`. What does not fit or fails is the worker's."""

    max_running_tasks: int = 200
    stop_grace_s: float = 5.0
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def running(self) -> int:
        return len(self._tasks)

    def start(self, key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        if key in self._tasks or len(self._tasks) >= self.max_running_tasks:
            return False
        task = asyncio.get_running_loop().create_task(_logged(key, work), name=key)
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._tasks.pop(key, None))
        return True

    async def wait_for(self, key: str, timeout_s: float) -> bool:
        task = self._tasks.get(key)
        if task is None:
            return True
        done, _ = await asyncio.wait({task}, timeout=timeout_s)
        return bool(done)

    async def close(self) -> None:
        """Let what runs end within the grace, then cancel it."""
        tasks = set(self._tasks.values())
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=self.stop_grace_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


async def _logged(key: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await work()
    except Exception:  # noqa: BLE001 - nobody waits for the task; the worker does its work again.
        _log.exception("background_work_failed", key=key)
