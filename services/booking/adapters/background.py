"""Carries orders on in the background of this process: best effort, bounded."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from uuid import UUID

from services.common.errors import DomainError
from services.common.logging import get_logger
from services.common.rpc.shedding import UnderWay

_log = get_logger(__name__)


@dataclass(slots=True)
class BackgroundDriver:
    """The port `Kick`. What finds no room, or fails, is the worker's: the order says when.

    `drive` is set once the use cases exist. Tasks run outside of the call that kicked them, so
    that its deadline is not theirs.
    """

    max_tasks: int
    drive: Callable[[UUID], Awaitable[None]] | None = None
    under_way: UnderWay = field(default_factory=UnderWay)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __call__(self, order_id: UUID) -> None:
        if self.drive is None or len(self._tasks) >= self.max_tasks:
            return
        task = asyncio.get_running_loop().create_task(self._run(order_id), context=Context())
        self._tasks.add(task)
        self.under_way.begin(task)
        task.add_done_callback(self._done)

    async def finish(self, timeout_ms: int) -> None:
        """Wait for what is under way, then stop the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=timeout_ms / 1000)
        for task in list(self._tasks):
            task.cancel()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.under_way.end(task)

    async def _run(self, order_id: UUID) -> None:
        if self.drive is None:
            return
        try:
            await self.drive(order_id)
        except DomainError as refusal:
            _log.info("order_not_driven", order_id=str(order_id), reason=refusal.reason)
        except Exception:  # noqa: BLE001 - a worker loop in small: the order says what is due.
            _log.exception("order_drive_failed", order_id=str(order_id))
