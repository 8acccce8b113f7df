"""Orders in PostgreSQL: read in one statement, written in one statement, guarded by version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from asyncpg import NotNullViolationError, Record

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_messages import ACTED_UPON, event_message
from services.booking.adapters.order_rows import legs_json, order_of
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import OrderNotFoundError
from services.booking.domain.order_steps import due_in_ms
from services.booking.domain.remedy import Remedy
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import Answer
from services.common.db.errors import TransactionConflictError
from services.common.db.outbox import Trace, TraceSource
from services.common.ids import new_id

CONFIRMATION_MAIL = "order-confirmed"
VOUCHER_MAIL = "remedy-voucher"
PLACES_MAIL = "remedy-places"
# The first arguments of each write: the order itself, its legs and its timeline.
_MOVE_ARGUMENTS = 10


class Runner(Protocol):
    """What can run a statement: a transaction's connection, or the database itself."""

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None: ...

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class StoredOrders:
    """The port `LockedOrders` on a runner. `told` hears of events that somebody waits for."""

    runner: Runner
    trace: TraceSource
    told: Callable[[int], None]

    async def read(self, order_id: UUID, *, with_timeline: bool = False) -> Order:
        query = sql.READ_WITH_TIMELINE if with_timeline else sql.READ
        row = await self.runner.fetchrow(query, order_id)
        if row is None:
            raise OrderNotFoundError(order_id)
        return order_of(row)

    async def lock(self, order_id: UUID) -> OrderState:
        row = await self.runner.fetchrow(sql.LOCK, order_id)
        if row is None:
            raise OrderNotFoundError(order_id)
        return OrderState(row["state"])

    async def read_locked(self, order_id: UUID) -> Order:
        await self.lock(order_id)
        return await self.read(order_id)

    async def save(self, order: Order, answer: Answer | None = None) -> None:
        arguments = _arguments(order, self.trace(), answer)
        if order.remedy is None:
            await self._write(order, sql.SAVE, arguments)
        else:
            remedy = _remedy_arguments(order.remedy)
            await self._write(order, sql.SAVE_WITH_REMEDY, (*arguments, *remedy))

    async def save_confirmed(self, order: Order, tickets: Sequence[Ticket]) -> None:
        await self._write(
            order,
            sql.SAVE_CONFIRMED,
            (
                *_arguments(order, self.trace(), None),
                *_mail_arguments(order, CONFIRMATION_MAIL),
                *_ticket_arguments(tickets),
            ),
        )

    async def save_remedy_given(self, order: Order) -> None:
        remedy = order.remedy
        if remedy is None:
            raise ValueError(f"order {order.id} has no remedy")
        kind = VOUCHER_MAIL if remedy.voucher_id is not None else PLACES_MAIL
        await self._write(
            order,
            sql.SAVE_REMEDY_GIVEN,
            (
                *_arguments(order, self.trace(), None),
                *_remedy_arguments(remedy),
                *_mail_arguments(order, kind),
            ),
        )

    async def save_granted(self, order: Order) -> bool:
        (decision,) = order.new_decisions
        arguments = _arguments(order, self.trace(), None)[:_MOVE_ARGUMENTS]
        try:
            await self._write(
                order,
                sql.SAVE_GRANTED,
                (*arguments, order.hold_id, decision.attempt, len(order.lines)),
            )
        except NotNullViolationError:
            return False
        return True

    async def _write(self, order: Order, query: str, arguments: tuple[Any, ...]) -> None:
        row = await self.runner.fetchrow(query, *arguments)
        if row is None:
            raise TransactionConflictError
        if awaited := sum(isinstance(event, ACTED_UPON) for event in order.events):
            self.told(awaited)
        order.version = row["version"]
        order.event_version += len(order.events)
        order.timeline += order.entries
        order.events, order.entries, order.new_decisions = [], [], []


def _arguments(order: Order, trace: Trace, answer: Answer | None) -> tuple[Any, ...]:
    events = order.events
    versions = range(order.event_version + 1, order.event_version + 1 + len(events))
    due_ms = due_in_ms(order)
    key = answer.key if answer else None
    return (
        order.screening_id,
        order.id,
        order.version,
        order.state,
        order.redirect_url,
        order.event_version + len(events),
        None if due_ms is None else float(due_ms),
        legs_json(order.legs),
        [entry.what for entry in order.entries],
        [entry.detail for entry in order.entries],
        [decision.attempt for decision in order.new_decisions],
        [decision.refusal for decision in order.new_decisions],
        [new_id() for _ in events],
        [type(event).__name__ for event in events],
        list(versions),
        [event_message(order, event).SerializeToString() for event in events],
        trace.correlation_id,
        trace.traceparent,
        key.principal if key else None,
        key.method if key else None,
        key.request_id if key else None,
        answer.key.pack(answer.result) if answer else None,
    )


def _remedy_arguments(remedy: Remedy) -> tuple[Any, ...]:
    return (
        remedy.id,
        remedy.kind,
        remedy.state,
        remedy.amount.currency,
        remedy.amount.minor_units,
        remedy.last_screening_date,
        remedy.requested_at,
        remedy.budget_taken,
        remedy.voucher_id,
        remedy.retries,
        remedy.last_error,
    )


def _mail_arguments(order: Order, kind: str) -> tuple[Any, ...]:
    return f"{kind}:{order.id}", kind, order.contact.email, new_id()


def _ticket_arguments(tickets: Sequence[Ticket]) -> tuple[Any, ...]:
    return (
        [ticket.id for ticket in tickets],
        [ticket.number for ticket in tickets],
        [ticket.seat_id for ticket in tickets],
        [ticket.row_name for ticket in tickets],
        [ticket.seat_number for ticket in tickets],
        [ticket.ticket_type for ticket in tickets],
        [ticket.proof for ticket in tickets],
        [ticket.qr_payload for ticket in tickets],
    )
