"""Puts catalog's worker process together: its tasks, each supervised by itself."""

import os
import socket
from contextlib import AsyncExitStack

from services.catalog.composition import Parts, open_parts
from services.catalog.config import CatalogSettings
from services.common.bus.relay import Relay
from services.common.db.leases import Leases
from services.common.db.retention import (
    RetentionRule,
    RetentionTerms,
    chassis_rules,
    delete_expired,
)
from services.common.worker import Worker

# Longer than any transaction that may still note a change (see `programme_versions.py`).
CHANGES_KEPT_S = 3_600.0
_CHANGES = """
DELETE FROM programme_change WHERE number = ANY (ARRAY(
    SELECT number FROM programme_change
    WHERE change_time < clock_timestamp() - make_interval(secs => $1) ORDER BY number LIMIT $2))"""


async def build_worker(settings: CatalogSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    worker = Worker(Leases(parts.database, f"{socket.gethostname()}:{os.getpid()}"))
    worker.add("relay", Relay("catalog", parts.database, parts.bus).run, lease=True)
    add_retention(worker, parts)
    return worker


def add_retention(worker: Worker, parts: Parts) -> None:
    """Delete what need not be kept."""
    rules = [*chassis_rules(RetentionTerms()), programme_change_rule()]

    async def delete() -> None:
        await delete_expired(parts.database, rules)

    worker.add_periodic("retention", delete, interval_s=parts.settings.retention_interval_s)


def programme_change_rule() -> RetentionRule:
    """Forget which listings have changed."""
    return RetentionRule("programme_change", _CHANGES, CHANGES_KEPT_S)
