"""Puts booking's worker process together: its tasks, each supervised by itself."""

from contextlib import AsyncExitStack

from services.booking.adapters.facts_marks import CHANGES_ARE_DUE, DueChanges
from services.booking.adapters.lapsed_holds import (
    HOLDS_ARE_LAPSED,
    LapsedHoldStore,
    hold_retention,
)
from services.booking.adapters.personal_data_retention import personal_data_rules
from services.booking.adapters.price_tables import price_table_retention
from services.booking.adapters.remedy_offers import remedy_offer_retention
from services.booking.adapters.screening_changes import screening_change_retention
from services.booking.adapters.seat_blocks import seat_block_retention
from services.booking.composition import Parts, feeds, open_parts, subscriptions
from services.booking.config import BookingSettings
from services.booking.job_composition import add_job_tasks
from services.booking.order_parts import add_order_tasks
from services.booking.privacy_composition import add_privacy_tasks
from services.booking.use_cases.expire_holds import ExpireHolds
from services.common.bus.setup import WorkerParts
from services.common.db.retention import RetentionTerms, chassis_rules
from services.common.worker import Worker


async def build_worker(settings: BookingSettings, stack: AsyncExitStack) -> Worker:
    """Open what the process needs and list what it does."""
    parts = await open_parts(settings, stack, role="worker")
    rules = [
        *chassis_rules(RetentionTerms.of(settings), mail=True),
        *hold_retention(),
        price_table_retention(),
        seat_block_retention(),
        remedy_offer_retention(),
        screening_change_retention(),
        *personal_data_rules(settings),
    ]
    worker = WorkerParts(
        settings, parts.database, parts.bus, rules, subscriptions(parts), feeds(parts)
    ).worker()
    add_seat_tasks(worker, parts)
    add_order_tasks(worker, parts, stack)
    add_privacy_tasks(worker, parts)
    add_job_tasks(worker, parts)
    return worker


def add_seat_tasks(worker: Worker, parts: Parts) -> None:
    """Free lapsed holds; let announced prices and terms come into force."""
    expire_holds = ExpireHolds(LapsedHoldStore(parts.database))
    due_changes = DueChanges(parts.database)

    async def sweep_holds() -> None:
        await expire_holds()

    async def mark_due_changes() -> None:
        await due_changes()

    # In every worker process: nobody waits for a lease when one of them dies.
    worker.add_due("sweep-holds", sweep_holds, due=HOLDS_ARE_LAPSED, lease=False)
    worker.add_due("due-changes", mark_due_changes, due=CHANGES_ARE_DUE)
