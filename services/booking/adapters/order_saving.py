"""Saves what moved in orders, many in one statement when many come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from asyncpg import Record

from services.booking.adapters import order_sql as sql
from services.booking.adapters.leg_rows import legs_text
from services.booking.adapters.order_messages import event_message
from services.booking.adapters.order_rows import entries_text
from services.booking.domain.order import Order
from services.booking.domain.order_steps import due_in_ms
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.order_ports import Answer
from services.common.db.outbox import Trace
from services.common.db.together import once_each
from services.common.ids import new_id

CONFIRMATION_MAIL = "order-confirmed"

# Rows of another table, each with its order's ID first.
Rows: TypeAlias = Sequence[tuple[Any, ...]]


class Runner(Protocol):
    """What can run a statement: a transaction's connection, or the database itself."""

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None: ...

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class Saving:
    """What moved of an order as the statements take it: its own values, and other tables' rows.

    `is_answer`: an answer is among the values.
    """

    order_id: UUID
    values: tuple[Any, ...]
    events: Rows
    decisions: Rows
    mails: Rows
    tickets: Rows
    is_answer: bool


@once_each(lambda part: part.order_id)
async def save_orders(
    runner: Runner, parts: Sequence[Saving], /, *, waits: bool
) -> list[Record | None]:
    """Save all parts in one statement: the `Run` of `Together`.

    Left out are orders whose version has moved on, and the second part of the same order.
    """
    events, decisions = _all(part.events for part in parts), _all(part.decisions for part in parts)
    mails, tickets = _all(part.mails for part in parts), _all(part.tickets for part in parts)
    wanted, arguments = sql.MOVE.told([part.values for part in parts])
    query = sql.save(
        wanted,
        waits=waits,
        told=bool(events),
        decided=bool(decisions),
        mailed=bool(mails),
        ticketed=bool(tickets),
        answered=any(part.is_answer for part in parts),
    )
    rows = await runner.fetch(
        query,
        *arguments,
        *zip(*events, strict=True),
        *zip(*decisions, strict=True),
        *zip(*mails, strict=True),
        *zip(*tickets, strict=True),
    )
    saved = {row["id"]: row for row in rows}
    return [saved.get(part.order_id) for part in parts]


def saving_of(
    order: Order, trace: Trace, answer: Answer | None = None, tickets: Sequence[Ticket] = ()
) -> Saving:
    """Write down what the moves of an order left behind, and the answer to keep with it.

    With its tickets comes the e-mail that carries them.
    """
    order_id, due_ms = order.id, due_in_ms(order)
    mails = [CONFIRMATION_MAIL, *order.mails] if tickets else order.mails
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
        events=[
            (order_id, new_id(), type(event).__name__, version, payload_of(order, event))
            for version, event in enumerate(order.events, start=order.event_version + 1)
        ],
        decisions=[
            (order_id, decision.attempt, decision.refusal) for decision in order.new_decisions
        ],
        mails=_mail_rows(order, mails) if mails else (),
        tickets=[_ticket_row(order_id, ticket) for ticket in tickets],
        is_answer=answer is not None,
    )


def payload_of(order: Order, event: Any) -> bytes:
    """Serialise an event's message."""
    return event_message(order, event).SerializeToString()


def _mail_rows(order: Order, kinds: Iterable[str]) -> Rows:
    """Make the rows of e-mails to the buyer, of whom no address may be known any more."""
    email = order.contact.email
    return [(order.id, new_id(), f"{kind}:{order.id}", kind, email) for kind in kinds if email]


def _ticket_row(order_id: UUID, ticket: Ticket) -> tuple[Any, ...]:
    return (
        order_id,
        ticket.id,
        ticket.number,
        ticket.seat_id,
        ticket.row_name,
        ticket.seat_number,
        ticket.ticket_type,
        ticket.proof,
        ticket.qr_payload,
        ticket.holder_checked,
    )


def _all(rows: Iterable[Rows]) -> Rows:
    return list(chain.from_iterable(rows))
