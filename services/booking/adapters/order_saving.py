"""Saves what moved in orders, many in one statement when many come."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from asyncpg import Record

from services.booking.adapters import order_sql as sql
from services.booking.adapters.leg_rows import legs_text
from services.booking.adapters.order_messages import event_message
from services.booking.adapters.order_rows import entries_text
from services.booking.domain.order import Order
from services.booking.domain.order_steps import due_in_ms
from services.booking.use_cases.order_ports import Answer
from services.common.db.outbox import Trace
from services.common.db.together import columns, part_arguments
from services.common.ids import new_id

_EVENT_COLUMNS = 5


class Runner(Protocol):
    """What can run a statement: a transaction's connection, or the database itself."""

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None: ...

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class Saving:
    """What moved of an order as the statements take it: its own values, and other rows'.

    `is_answer`: an answer is among them.
    """

    order_id: UUID
    values: tuple[Any, ...]
    decisions: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]
    is_answer: bool


async def save_orders(
    runner: Runner, parts: Sequence[Saving], *, waits: bool
) -> list[Record | None]:
    """Save all parts in one statement: the `Run` of `Together`."""
    decisions = [decision for part in parts for decision in part.decisions]
    events = [event for part in parts for event in part.events]
    alone = len(parts) == 1
    query = sql.save(
        alone=alone,
        waits=waits,
        told=bool(events),
        decided=bool(decisions),
        answered=any(part.is_answer for part in parts),
    )
    rows = await runner.fetch(
        query,
        *part_arguments([part.values for part in parts], alone=alone),
        *zip(*events, strict=True),
        *zip(*decisions, strict=True),
    )
    saved = {row["id"]: row for row in rows}
    return [saved.get(part.order_id) for part in parts]


def told_arguments(part: Saving) -> Sequence[Any]:
    """Give the first arguments of a write of one order: its own values, then its events'."""
    return [*part.values, *columns(part.events, _EVENT_COLUMNS)]


def saving_of(order: Order, trace: Trace, answer: Answer | None = None) -> Saving:
    """Write down what the moves of an order left behind, and the answer to keep with it."""
    order_id, due_ms = order.id, due_in_ms(order)
    key = answer.key if answer else None
    return Saving(
        order_id,
        (
            order.screening_id,
            order_id,
            order.version,
            order.state,
            order.redirect_url,
            order.event_version + len(order.events),
            None if due_ms is None else float(due_ms),
            trace.correlation_id,
            trace.traceparent,
            key.principal if key else None,
            key.method if key else None,
            key.request_id if key else None,
            answer.key.pack(answer.result) if answer else None,
            legs_text(order.legs),
            entries_text(order.entries),
        ),
        [(order_id, decision.attempt, decision.refusal) for decision in order.new_decisions],
        [
            (order_id, new_id(), type(event).__name__, version, payload_of(order, event))
            for version, event in enumerate(order.events, start=order.event_version + 1)
        ],
        is_answer=answer is not None,
    )


def payload_of(order: Order, event: Any) -> bytes:
    """Serialise an event's message."""
    return event_message(order, event).SerializeToString()
