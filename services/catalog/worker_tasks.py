"""Puts catalog's worker process together: its tasks, each supervised by itself."""

import os
import socket
from contextlib import AsyncExitStack

from services.catalog.composition import Parts, open_parts
from services.catalog.config import CatalogSettings
from services.common.bus.relay import Relay
from services.common.db.leases import Leases
from services.common.db.retention import RetentionTerms, chassis_rules, delete_expired
from services.common.worker import Worker


async def build_worker(settings: CatalogSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    worker = Worker(Leases(parts.database, f"{socket.gethostname()}:{os.getpid()}"))
    worker.add("relay", Relay("catalog", parts.database, parts.bus).run, lease=True)
    add_retention(worker, parts)
    return worker


def add_retention(worker: Worker, parts: Parts) -> None:
    """Delete what need not be kept."""
    rules = chassis_rules(RetentionTerms())

    async def delete() -> None:
        await delete_expired(parts.database, rules)

    worker.add_periodic("retention", delete, interval_s=parts.settings.retention_interval_s)
