"""Puts catalog's worker process together: its tasks, each supervised by itself."""

from contextlib import AsyncExitStack

from services.catalog.composition import open_parts
from services.catalog.config import CatalogSettings
from services.common.bus.setup import WorkerParts
from services.common.db.retention import RetentionRule, RetentionTerms, chassis_rules
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
    rules = [*chassis_rules(RetentionTerms.of(settings)), programme_change_rule()]
    return WorkerParts(settings, parts.database, parts.bus, rules).worker()


def programme_change_rule() -> RetentionRule:
    """Forget which listings have changed."""
    return RetentionRule("programme_change", _CHANGES, CHANGES_KEPT_S)
