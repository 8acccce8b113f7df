"""Applies events of one source: inbox row, effect and new outbox rows in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from services.common.bus import metrics
from services.common.bus.batch import Plan, is_gapless, plan_batch
from services.common.bus.effects import take_effect
from services.common.bus.events import Event, Subscription
from services.common.bus.failures import Attempts, is_infrastructure
from services.common.bus.inbox import Inbox
from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.errors import ConcurrentChangeError
from services.common.logging import get_logger

MAX_RELEASED_EVENTS = 100

_READY = """
SELECT event_id AS id, source, type, aggregate_id, aggregate_version, feed_number, occur_time,
       correlation_id, traceparent, payload
FROM parked_event parked
WHERE source = $1 AND EXISTS (
    SELECT FROM inbox
    WHERE inbox.source = $1 AND inbox.aggregate_id = parked.aggregate_id
      AND inbox.aggregate_version >= parked.aggregate_version - 1)
ORDER BY aggregate_id, aggregate_version LIMIT $2"""

_log = get_logger(__name__)


@dataclass(slots=True)
class Applier:
    """Applies what the bus and the feed bring, in the order of each aggregate's versions.

    One per subscription and process: both ways of delivery share it. Between processes the row
    lock on the source's position keeps the order.
    """

    subscription: Subscription
    database: Database
    attempts: Attempts = field(default_factory=Attempts)

    @property
    def source(self) -> str:
        return self.subscription.source

    async def apply(
        self, events: Sequence[Event], *, first_may_be_late: bool = False
    ) -> list[Event]:
        """Apply a batch together, or one by one when one of it fails; each effect happens once.

        Gives the events to bring again later; all others are settled (applied, skipped, parked,
        dead, or known). Raises what the surroundings raise: then the whole batch must come again.
        """
        again: list[Event] = []
        size = self.subscription.max_events_per_transaction
        for start in range(0, len(events), size):
            again += await self._apply_batch(events[start : start + size], late=first_may_be_late)
        return again

    async def release(self) -> None:
        """Apply parked events whose predecessors are consumed by now."""
        while ready := await self.database.fetch(_READY, self.source, MAX_RELEASED_EVENTS):
            settled = [await self._apply_alone(Event(**dict(row))) for row in ready]
            if not any(settled):
                return

    async def _apply_batch(self, events: Sequence[Event], *, late: bool) -> list[Event]:
        try:
            await self._apply_together(events, with_parked=True, late=late)
        except Exception as error:
            # A conflict too: the more a transaction touches, the more it conflicts.
            if is_infrastructure(error) and not isinstance(error, ConcurrentChangeError):
                raise
            _log.warning("event_batch_split", source=self.source, problem=type(error).__name__)
        else:
            return []
        again = [
            event
            for event in sorted(events, key=_aggregate_and_version)
            if not await self._apply_alone(event, late=late)
        ]
        await self.release()
        return again

    async def _apply_alone(self, event: Event, *, late: bool = False) -> bool:
        try:
            await self.database.run_with_retry(
                lambda: self._apply_together([event], with_parked=False, late=late)
            )
        except Exception as error:
            if is_infrastructure(error):
                raise
            _log.exception(
                "event_failed", source=self.source, type=event.type, event_id=str(event.id)
            )
            attempts = self.attempts.note_failure(event, error)
            if attempts is None:
                self._count("retried", 1)
                return False
            await self._bury(event, type(error).__name__, attempts)
        return True

    async def _apply_together(
        self, events: Sequence[Event], *, with_parked: bool, late: bool
    ) -> None:
        async with self.database.transaction() as tx:
            inbox = Inbox(tx, self.source)
            if late or not is_gapless(events):
                known = await inbox.lock_and_know(list({event.aggregate_id for event in events}))
            else:
                known = await inbox.consume_next(events, self._outcomes(events))
            parked = await inbox.parked(known.with_parked) if with_parked else []
            plan = plan_batch(known.versions, parked, events, first_may_be_late=late)
            if plan.apply:
                await self._take_effect(tx, inbox, plan, known.consumed)
                await inbox.unpark(plan.apply if known.with_parked else [])
            await inbox.park(plan.park)
            await tx.commit()
        self._count("duplicate", len(plan.duplicates))
        self._count("parked", len(plan.park))

    async def _take_effect(
        self, tx: Transaction, inbox: Inbox, plan: Plan, consumed: set[UUID] | None
    ) -> None:
        outcomes = self._outcomes(plan.apply)
        fresh = await inbox.consume(plan.apply, outcomes) if consumed is None else consumed
        handles = self.subscription.handles
        effective = [event for event in plan.apply if event.id in fresh and handles(event)]
        await take_effect(tx, self.subscription, effective)
        tx.after_commit(lambda: self._observe(plan.apply, outcomes))

    def _outcomes(self, events: Sequence[Event]) -> list[str]:
        handles = self.subscription.handles
        return ["APPLIED" if handles(event) else "SKIPPED" for event in events]

    async def _bury(self, event: Event, reason: str, attempts: int) -> None:
        _log.error("event_dead", source=self.source, type=event.type, event_id=str(event.id))
        async with self.database.transaction() as tx:
            inbox = Inbox(tx, self.source)
            await inbox.lock()
            if await inbox.consume([event], ["DEAD"]):
                await inbox.bury(event, reason=reason, attempts=attempts)
            await inbox.unpark([event])
            await tx.commit()
        self._count("dead", 1)

    def _observe(self, events: Sequence[Event], outcomes: Sequence[str]) -> None:
        self._count("applied", outcomes.count("APPLIED"))
        self._count("skipped", outcomes.count("SKIPPED"))
        now = datetime.now(UTC)
        latency = metrics.consume_latency.labels(self.source)
        for event in events:
            latency.observe((now - event.occur_time).total_seconds())

    def _count(self, outcome: str, events: int) -> None:
        if events:
            metrics.events_consumed.labels(self.source, outcome).inc(events)


def _aggregate_and_version(event: Event) -> tuple[str, int]:
    return event.aggregate_id, event.aggregate_version
