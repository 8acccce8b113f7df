"""Orders in PostgreSQL: read in one statement, written in one statement, guarded by version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters import order_sql as sql
from services.booking.adapters.order_messages import ACTED_UPON
from services.booking.adapters.order_reading import read_orders
from services.booking.adapters.order_rows import cancellation_text, order_of
from services.booking.adapters.order_saving import Runner, save_orders, saving_of
from services.booking.adapters.outage_sql import EXTEND
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import (
    DENIED_AT_THE_DOOR,
    AlreadyAdmittedError,
    OrderNotCancellableError,
    OrderNotFoundError,
)
from services.booking.domain.remedy import Remedy
from services.booking.domain.ticket import Ticket, TicketState
from services.booking.use_cases.order_ports import Answer
from services.common.db.errors import TransactionConflictError
from services.common.db.outbox import Trace, TraceSource
from services.common.db.together import columns
from services.common.db.transaction import Note

_EVENT_COLUMNS = 5
_MAIL_COLUMNS = 5
_NO_REMEDY = (None,) * 14


@dataclass(frozen=True, slots=True)
class StoredOrders:
    """The port `LockedOrders` on a runner.

    `told` hears of events that somebody waits for, `note` of orders and screenings that changed.
    `traces` has what makes an order move where that is not the same for all: see `save_all`.
    """

    runner: Runner
    trace: TraceSource
    told: Callable[[int], None]
    note: Note
    traces: Mapping[UUID, Trace] = field(default_factory=dict)

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

    async def read_all(self, order_ids: Sequence[UUID]) -> Mapping[UUID, Order]:
        found = await read_orders(self.runner, order_ids)
        for order_id in order_ids:
            if order_id not in found:
                raise OrderNotFoundError(order_id)
        return found

    async def save(self, order: Order, answer: Answer | None = None) -> None:
        part = saving_of(order, self.trace(), answer)
        if is_after_sale(order):
            row = await self.runner.fetchrow(
                sql.SAVE_AFTER_SALE,
                *part.values,
                *columns(part.events, _EVENT_COLUMNS),
                *_remedy_arguments(order.remedy),
                *columns(part.mails, _MAIL_COLUMNS),
            )
        else:
            (row,) = await save_orders(self.runner, (part,), waits=True)
        self.saved(order, row)

    async def save_confirmed(self, order: Order, tickets: Sequence[Ticket]) -> None:
        await self.save_all([(order, tickets)])

    async def save_all(self, moved: Sequence[tuple[Order, Sequence[Ticket]]]) -> None:
        parts = [
            saving_of(order, self.traces.get(order.id) or self.trace(), tickets=tickets)
            for order, tickets in moved
        ]
        rows = await save_orders(self.runner, parts, waits=len(parts) == 1)
        for (order, _), row in zip(moved, rows, strict=True):
            self.saved(order, row)

    async def save_extended(self, order: Order) -> None:
        seconds = int(order.extended_by.total_seconds())
        await self.runner.fetchrow(EXTEND, order.screening_id, order.id, order.expires_at, seconds)
        await self.save(order)

    async def save_cancelled(self, order: Order) -> None:
        key = order.screening_id, order.id
        cancelled = await self.runner.fetch(sql.CANCEL_TICKETS, *key)
        if len(cancelled) != len(order.lines):
            states = {row["state"] for row in await self.runner.fetch(sql.TICKET_STATES, *key)}
            if TicketState.ADMITTED in states:
                raise AlreadyAdmittedError(order.id)
            raise OrderNotCancellableError(order.id, DENIED_AT_THE_DOOR)
        await self.runner.fetchrow(
            sql.SET_CANCELLATION, *key, cancellation_text(order.cancellation)
        )
        await self.save(order)

    async def save_contact(self, order: Order) -> None:
        contact = order.contact
        await self.runner.fetchrow(
            sql.SET_CONTACT,
            order.screening_id,
            order.id,
            contact.first_name,
            contact.last_name,
            contact.email,
            contact.language,
        )
        await self.runner.fetchrow(sql.REDIRECT_MAILS, str(order.id), contact.email)
        await self.save(order)

    def saved(self, order: Order, row: Record | None) -> None:
        """Take over the version that was written; no row means that somebody else was first."""
        if row is None or row["version"] is None:
            raise TransactionConflictError
        if awaited := sum(isinstance(event, ACTED_UPON) for event in order.events):
            self.told(awaited)
        self.note(order.id)
        order.version = row["version"]
        order.event_version += len(order.events)
        order.timeline += order.entries
        order.events, order.entries, order.new_decisions, order.mails = [], [], [], []


def is_after_sale(order: Order) -> bool:
    """Whether more is to be written than orders that are being sold need."""
    return order.remedy is not None


def _remedy_arguments(remedy: Remedy | None) -> tuple[Any, ...]:
    if remedy is None:
        return _NO_REMEDY
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
        remedy.cause,
        remedy.origin,
        remedy.form_reference,
    )
