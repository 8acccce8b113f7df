"""What a worker does for the events that its service hears of."""

from typing import Any

from services.common.bus.events import Subscription
from services.common.bus.reconciler import Reconciler, ReconcilerLimits
from services.common.bus.setup import WorkerParts
from services.common.config import ServiceSettings
from services.common.worker import Task


def tasks_for(subscription: Subscription) -> dict[str, Task]:
    database: Any = None
    bus: Any = None
    feeds: Any = {subscription.source: None}
    parts = WorkerParts(ServiceSettings(), database, bus, [], [subscription], feeds)
    return {task.name: task for task in parts.worker().tasks}


def limits_of(task: Task) -> ReconcilerLimits:
    run: Any = task.run
    reconciler: Reconciler = run.__self__
    return reconciler.limits


def test_what_somebody_waits_for_is_pushed_and_made_sure_of() -> None:
    tasks = tasks_for(Subscription("booking", {}))

    assert {"consume-booking", "reconcile-booking"} <= tasks.keys()
    assert limits_of(tasks["reconcile-booking"]) == ReconcilerLimits()


def test_what_nobody_waits_for_is_only_paged() -> None:
    tasks = tasks_for(Subscription("booking", {}, paged_every_ms=700))

    assert "consume-booking" not in tasks
    assert limits_of(tasks["reconcile-booking"]).interval_ms == 700
    assert tasks["reconcile-booking"].lease
