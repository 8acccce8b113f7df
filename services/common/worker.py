"""A worker process: named tasks, each supervised, some with a lease because they must be alone."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from prometheus_client import REGISTRY, Counter

from services.common.config import ServiceSettings
from services.common.db.leases import Leases
from services.common.lease_keeper import LeaseKeeper
from services.common.logging import configure_logging, get_logger
from services.common.lookout import Lookout
from services.common.rpc.process import calm_garbage_collection, run, stop_on_signals
from services.common.rpc.side_port import side_port

FIRST_RESTART_WAIT_S = 0.1
MAX_RESTART_WAIT_S = 2.0
# A task that ran this long before it failed starts over with the shortest wait.
HEALTHY_AFTER_S = 30.0
STOP_GRACE_S = 8.0

Run = Callable[[], Awaitable[None]]
Settings = TypeVar("Settings", bound=ServiceSettings)

_log = get_logger(__name__)
_restarts = Counter("worker_task_restarts_total", "Failures of worker tasks.", ["task"])


@dataclass(frozen=True, slots=True)
class Task:
    """A named piece of work that runs until cancelled. With a lease, in one process at a time."""

    name: str
    run: Run
    lease: str = ""


@dataclass(slots=True)
class Worker:
    """Runs tasks and starts again what fails; a failure of one does not touch the others."""

    leases: Leases | None = None
    lookout: Lookout | None = None
    tasks: list[Task] = field(default_factory=list)
    _keeper: LeaseKeeper | None = field(init=False)

    def __post_init__(self) -> None:
        self._keeper = LeaseKeeper(self.leases) if self.leases else None
        if self.lookout is not None:
            self.add("look-out", self.lookout.run)

    def add(self, name: str, run: Run, *, lease: bool = False) -> None:
        """Add a task; with `lease` it runs in only one of the service's worker processes."""
        if lease and self.leases is None:
            raise ValueError(f"Task {name} wants a lease, but there are none here.")
        self.tasks.append(Task(name, run, f"task:{name}" if lease else ""))

    def add_periodic(self, name: str, run: Run, *, interval_s: float, lease: bool = True) -> None:
        """Add a task that does one thing, waits, and does it again."""

        async def repeat() -> None:
            while True:
                await run()
                await asyncio.sleep(interval_s * random.uniform(0.9, 1.1))  # noqa: S311

        self.add(name, repeat, lease=lease)

    def add_due(self, name: str, run: Run, *, due: str, lease: bool = True) -> None:
        """Add a task that does one thing whenever the lookout finds that `due` holds."""
        is_due = self.due(due)

        async def repeat() -> None:
            while True:
                await is_due.wait()
                is_due.clear()
                await run()

        self.add(name, repeat, lease=lease)

    def due(self, condition: str) -> asyncio.Event:
        """Give the event that is set whenever the lookout finds that the condition holds."""
        if self.lookout is None:
            raise ValueError(f"Nobody here looks out for {condition}.")
        return self.lookout.event_for(condition)

    async def work(self, stopping: asyncio.Event) -> None:
        """Work until the event is set, then cancel all tasks and wait for them, bounded."""
        running = [
            asyncio.create_task(self._supervise(task), name=task.name) for task in self.tasks
        ]
        try:
            await stopping.wait()
        finally:
            for task in running:
                task.cancel()
            if running:
                _, left = await asyncio.wait(running, timeout=STOP_GRACE_S)
                for task in left:
                    _log.error("worker_task_does_not_stop", task=task.get_name())

    async def _supervise(self, task: Task) -> None:
        loop = asyncio.get_running_loop()
        wait_s = FIRST_RESTART_WAIT_S
        while True:
            started = loop.time()
            try:
                await self._run_once(task)
                _log.error("worker_task_ended", task=task.name)
            except Exception:  # noqa: BLE001 - the supervisor's job is to outlive its tasks.
                _log.exception("worker_task_failed", task=task.name)
            _restarts.labels(task.name).inc()
            if loop.time() - started > HEALTHY_AFTER_S:
                wait_s = FIRST_RESTART_WAIT_S
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311
            wait_s = min(wait_s * 2, MAX_RESTART_WAIT_S)

    async def _run_once(self, task: Task) -> None:
        if not task.lease or self._keeper is None:
            await task.run()
            return
        async with self._keeper.held(task.lease):
            await task.run()


Build = Callable[[Settings, AsyncExitStack], Awaitable[Worker]]


def run_worker_process(settings: Settings, build: Build[Settings]) -> None:
    """Work until SIGTERM or SIGINT, then stop the tasks and close everything."""
    configure_logging(settings.service_name, settings.log_level)
    run(settings, _work(settings, build))


async def _work(settings: Settings, build: Build[Settings]) -> None:
    stopping = stop_on_signals()
    async with AsyncExitStack() as stack:
        worker = await build(settings, stack)
        if settings.metrics_listen:
            await stack.enter_async_context(
                side_port(
                    settings.metrics_listen,
                    registry=REGISTRY,
                    ready=lambda: not stopping.is_set(),
                    service=settings.service_name,
                )
            )
        calm_garbage_collection()
        _log.info("worker_started", tasks=[task.name for task in worker.tasks])
        await worker.work(stopping)
    _log.info("worker_stopped")
