"""Writes events into the outbox, in the transaction of the work that they tell about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from services.common.ids import new_id

MAX_EVENTS_PER_CALL = 1_000

# For a hot path that writes its event in its own single statement: the columns to fill. The rest
# has defaults; `feed_number` is the relay's.
OUTBOX_COLUMNS = "id, type, aggregate_id, aggregate_version, payload, correlation_id, traceparent"

_ADD = f"""
INSERT INTO outbox ({OUTBOX_COLUMNS})
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[],
                     $7::text[])"""  # noqa: S608 - a constant of ours


class Executor(Protocol):
    """What can run a statement."""

    async def execute(self, query: str, /, *args: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a write came from: the ID of the request, and the W3C trace context; both may be ""."""

    correlation_id: str = ""
    traceparent: str = ""


TraceSource = Callable[[], Trace]


def no_trace() -> Trace:
    """Tell nothing: for work that no request caused."""
    return Trace()


def constant_trace(trace: Trace) -> TraceSource:
    """Tell always the same: for what an event causes."""
    return lambda: trace


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """An event to be told to the other services.

    Versions of one aggregate are 1, 2, 3 and so on without gaps; writing the same version twice
    breaks a unique key, which is the last guard against two writers of one aggregate.
    `payload` is the serialised message that `type` names; it holds no personal data and no codes.
    `is_awaited`: another service acts on it, so the relay is woken; else it comes with the next
    poll, together with others.
    """

    type: str
    aggregate_id: str
    aggregate_version: int
    payload: bytes
    id: UUID = field(default_factory=new_id)
    is_awaited: bool = True


@dataclass(slots=True)
class Outbox:
    """The outbox of one transaction; `awaited` counts the events that are worth a wake-up."""

    executor: Executor
    trace: TraceSource = no_trace
    awaited: int = 0

    async def add(self, *events: OutboxEvent) -> None:
        """Add events in this order, in one statement however many they are."""
        if not events:
            return
        if len(events) > MAX_EVENTS_PER_CALL:
            raise ValueError(f"At most {MAX_EVENTS_PER_CALL} events at once, not {len(events)}.")
        await self.executor.execute(_ADD, *_columns(events, self.trace()))
        self.awaited += sum(event.is_awaited for event in events)


def _columns(events: Sequence[OutboxEvent], trace: Trace) -> tuple[list[Any], ...]:
    return (
        [event.id for event in events],
        [event.type for event in events],
        [event.aggregate_id for event in events],
        [event.aggregate_version for event in events],
        [event.payload for event in events],
        [trace.correlation_id] * len(events),
        [trace.traceparent] * len(events),
    )
