"""Dead events: listed, applied again, or given up by an operator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.common.bus.effects import take_effect
from services.common.bus.events import Event, Subscription
from services.common.bus.failures import is_infrastructure
from services.common.bus.inbox import MAX_REASON_LENGTH
from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.errors import COMMON_DOMAIN, DomainError, ErrorKind
from services.common.logging import get_logger
from services.common.operators import Operator

_LIST = """
SELECT event_id, source, type, aggregate_id, aggregate_version, reason, attempts, dead_time
FROM dead_event
WHERE state = 'DEAD' AND ($1::timestamptz IS NULL OR (dead_time, event_id) > ($1, $2))
ORDER BY dead_time, event_id LIMIT $3"""
_LOCK = "SELECT * FROM dead_event WHERE event_id = $1 FOR UPDATE"
_SETTLE = """
UPDATE dead_event
SET state = $2, settle_time = clock_timestamp(), settled_by = $3, settle_reason = $4
WHERE event_id = $1"""
_COUNT_ATTEMPT = """
UPDATE dead_event SET attempts = attempts + 1, reason = $2 WHERE event_id = $1"""

_log = get_logger(__name__)


class DeadEventNotFoundError(DomainError):
    """No dead event has this ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "DEAD_EVENT_NOT_FOUND"
    domain = COMMON_DOMAIN

    def __init__(self, event_id: UUID) -> None:
        super().__init__(f"There is no dead event {event_id}.", id=event_id)


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that could not be applied, and why."""

    event_id: UUID
    source: str
    type: str
    aggregate_id: str
    aggregate_version: int
    reason: str
    attempts: int
    dead_time: datetime


@dataclass(slots=True)
class DeadEvents:
    """The dead events of one service's database."""

    database: Database
    subscriptions: Iterable[Subscription]
    _by_source: dict[str, Subscription] = field(init=False)

    def __post_init__(self) -> None:
        self._by_source = {known.source: known for known in self.subscriptions}

    async def list(self, *, after: tuple[datetime, UUID] | None, page_size: int) -> list[DeadEvent]:
        """List undecided ones, oldest first, after the keyset (dead time, event ID)."""
        time, event_id = after or (None, None)
        rows = await self.database.fetch(_LIST, time, event_id, page_size)
        return [DeadEvent(**dict(row)) for row in rows]

    async def retry(self, event_id: UUID, operator: Operator) -> bool:
        """Apply it now; tells whether that went well. Settled ones count as done."""
        try:
            async with self.database.transaction() as tx:
                row = await self._lock(tx, event_id)
                if row["state"] == "DEAD":
                    await self._apply(tx, row)
                    await tx.driver.execute(_SETTLE, event_id, "RETRIED", operator.id, "")
                    await tx.audit.add(operator.entry("RetryDeadEvent", f"dead_event/{event_id}"))
                    await tx.commit()
        except DeadEventNotFoundError:
            raise
        except Exception as error:
            if is_infrastructure(error):
                raise
            _log.exception("dead_event_failed_again", event_id=str(event_id))
            await self.database.execute(_COUNT_ATTEMPT, event_id, type(error).__name__)
            return False
        return bool(row["state"] != "DISCARDED")

    async def discard(self, event_id: UUID, reason: str, operator: Operator) -> None:
        """Give it up; the row stays."""
        async with self.database.transaction() as tx:
            row = await self._lock(tx, event_id)
            if row["state"] == "DEAD":
                why = reason[:MAX_REASON_LENGTH]
                await tx.driver.execute(_SETTLE, event_id, "DISCARDED", operator.id, why)
                await tx.audit.add(operator.entry("DiscardDeadEvent", f"dead_event/{event_id}"))
                await tx.commit()

    async def _lock(self, tx: Transaction, event_id: UUID) -> Record:
        row: Record | None = await tx.driver.fetchrow(_LOCK, event_id)
        if row is None:
            raise DeadEventNotFoundError(event_id)
        return row

    async def _apply(self, tx: Transaction, row: Record) -> None:
        event = Event(
            source=row["source"],
            id=row["event_id"],
            type=row["type"],
            aggregate_id=row["aggregate_id"],
            aggregate_version=row["aggregate_version"],
            feed_number=row["feed_number"],
            occur_time=row["occur_time"],
            correlation_id=row["correlation_id"],
            traceparent=row["traceparent"],
            payload=row["payload"],
        )
        subscription = self._by_source.get(event.source)
        if subscription is None or not subscription.handles(event):
            raise LookupError(f"No handler takes {event.type} of {event.source}.")
        await take_effect(tx, subscription, [event])
