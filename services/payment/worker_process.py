"""A worker process: the relay, and everything that may be stuck."""

from contextlib import AsyncExitStack

from services.common.bus.connection import open_bus
from services.common.bus.setup import WorkerParts
from services.common.db.retention import RetentionRule, RetentionTerms, chassis_rules
from services.common.worker import Worker
from services.payment.adapters.due_work import STEPS_ARE_DUE
from services.payment.composition import (
    audit_loop,
    availability_loop,
    open_background,
    open_owners,
    open_provider,
    open_store,
    use_cases,
)
from services.payment.config import PaymentSettings
from services.payment.handlers.step_loop import StepLoop

_SECONDS_PER_DAY = 86_400

_NOTIFICATIONS = """
DELETE FROM notification WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM notification
    WHERE receive_time < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""
_REFUSED = """
DELETE FROM refused_notification WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM refused_notification
    WHERE minute < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


async def build_worker(settings: PaymentSettings, stack: AsyncExitStack) -> Worker:
    """Open everything that a worker process needs; closed in reverse order."""
    bus = open_bus(settings, stack, role="worker")
    database = open_store(settings, stack, bus, role="worker")
    provider = await open_provider(settings, stack)
    owners = open_owners(settings, stack)
    cases = use_cases(settings, database, provider, owners, open_background(settings, stack))
    steps = StepLoop(
        cases.due_work,
        cases.resolve_attempt,
        cases.void_stray,
        cases.resolve_refund,
        max_steps_at_once=settings.max_steps_at_once,
    )
    kept_s = float(settings.notification_kept_days * _SECONDS_PER_DAY)
    rules = [
        *chassis_rules(RetentionTerms.of(settings)),
        RetentionRule("notification", _NOTIFICATIONS, kept_s),
        RetentionRule("refused_notification", _REFUSED, kept_s),
    ]
    worker = WorkerParts(settings, database, bus, rules).worker()
    worker.add_due("steps", steps.run, due=STEPS_ARE_DUE, lease=False)
    worker.add("audit", audit_loop(settings, database, provider).run)
    worker.add("availability", availability_loop(settings, database, provider).run)
    return worker
