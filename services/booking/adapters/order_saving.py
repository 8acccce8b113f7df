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
from services.common.db.together import columns
from services.common.ids import new_id

_DECISION_COLUMNS = 3
_EVENT_COLUMNS = 5


class Runner(Protocol):
    """What can run a statement: a transaction's connection, or the database itself."""

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None: ...

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class Saving:
    """What moved of an order as the statements take it: its own values, and other rows'."""

    order_id: UUID
    values: tuple[Any, ...]
    decisions: list[tuple[Any, ...]]
    events: list[tuple[Any, ...]]


async def save_orders(
    runner: Runner, parts: Sequence[Saving], *, waits: bool
) -> list[Record | None]:
    """Run `SAVE` for all parts: the `Run` of `Together`."""
    decisions = [decision for part in parts for decision in part.decisions]
    rows = await runner.fetch(
        sql.SAVE if waits else sql.SAVE_FREE,
        *told_arguments(parts),
        *columns(decisions, _DECISION_COLUMNS),
    )
    saved = {row["id"]: row for row in rows}
    return [saved.get(part.order_id) for part in parts]


def move_arguments(parts: Sequence[Saving]) -> list[Any]:
    """Give the first arguments of each write: the orders themselves."""
    return list(zip(*(part.values for part in parts), strict=True))


def told_arguments(parts: Sequence[Saving]) -> list[Any]:
    """Give the arguments of what most writes begin with; their own come after them."""
    events = [event for part in parts for event in part.events]
    return [*move_arguments(parts), *columns(events, _EVENT_COLUMNS)]


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
    )


def payload_of(order: Order, event: Any) -> bytes:
    """Serialise an event's message."""
    return event_message(order, event).SerializeToString()
