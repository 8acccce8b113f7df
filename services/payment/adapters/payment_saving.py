"""Saves what changed of payments, many in one statement when many come."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from asyncpg import Record

from services.common.db.outbox import OUTBOX_COLUMNS, OutboxEvent, Trace
from services.common.db.together import PartColumns, part_arguments
from services.payment.adapters.journal import entry_arguments
from services.payment.adapters.payment_rows import CHANGING_COLUMNS, notification_row, payment_row
from services.payment.domain.journal import Entry
from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts

# What changed of some payments: the payment's own values and those of one of its attempts. Every
# change of a payment or of its parts counts its version up. So whoever still finds the version
# that he read, under the row's lock, has read what is true.
_MOVE = PartColumns(
    "id uuid, state text, captured bigint, refunded bigint, converted bigint, "
    "event_version bigint, kept_fees bigint, version bigint, number integer, "
    "attempt_state text, round integer, ext_order_id text, provider_order_id text, "
    "redirect_url text, opening text, decision text, refusal_reason text, "
    "decision_time timestamptz, taken_early boolean, capture_sent_time timestamptz, "
    "next_step_at timestamptz, step_count integer"
)
_ONE, _MANY = f"WITH wanted AS ({_MOVE.one()})", f"WITH wanted AS ({_MOVE.many()})"
_ALL = "SELECT id FROM wanted"
# Leaves out payments that somebody else has locked.
_FREE = """
    SELECT wanted.id FROM payment p JOIN wanted USING (id) WHERE p.version = wanted.version
    FOR NO KEY UPDATE OF p SKIP LOCKED
"""
_SAVED = """, free AS ({FREE}), saved AS (
    UPDATE payment p
    SET state = wanted.state, captured = wanted.captured, refunded = wanted.refunded,
        converted = wanted.converted, event_version = wanted.event_version,
        kept_fees = wanted.kept_fees, version = p.version + 1
    FROM wanted JOIN free USING (id)
    WHERE p.id = wanted.id AND p.version = wanted.version RETURNING p.id
), attempt AS (
    UPDATE payment_attempt a
    SET state = wanted.attempt_state, round = wanted.round, ext_order_id = wanted.ext_order_id,
        provider_order_id = wanted.provider_order_id, redirect_url = wanted.redirect_url,
        opening = wanted.opening::jsonb, decision = wanted.decision,
        refusal_reason = wanted.refusal_reason, decision_time = wanted.decision_time,
        taken_early = wanted.taken_early, capture_sent_time = wanted.capture_sent_time,
        next_step_at = wanted.next_step_at, step_count = wanted.step_count
    FROM wanted JOIN saved USING (id)
    WHERE a.payment_id = wanted.id AND a.number = wanted.number
)"""

# What is stored with them in the same round trip. Only what is there takes part: PostgreSQL sets
# up each part anew, rows or none.
_TOLD = PartColumns(
    "id uuid, event_id uuid, type text, aggregate_id text, aggregate_version bigint, "
    "payload bytea, correlation_id text, traceparent text"
)
_NOTED = PartColumns(
    "id uuid, digest bytea, pos_id text, ext_order_id text, provider_order_id text, "
    "status text, effect text"
)
# Arrays of arrays are not told apart any more: an entry's lines come as PostgreSQL writes arrays.
_BOOKED = PartColumns(
    "id uuid, entry_id uuid, key text, kind text, currency text, accounts text, amounts text"
)
_TELL = f""", told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT event_id, type, aggregate_id, aggregate_version, payload, correlation_id, traceparent
    FROM ({{PARTS}}) event JOIN saved USING (id)
)"""  # noqa: S608 - a constant of ours
_NOTE = """, noted AS (
    INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
    SELECT digest, pos_id, ext_order_id, provider_order_id, status, effect
    FROM ({PARTS}) notice JOIN saved USING (id)
)"""
_BOOK = """, booked AS (
    INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts, payment_id)
    SELECT entry_id, key, kind, currency, accounts::text[], amounts::bigint[], id
    FROM ({PARTS}) entry JOIN saved USING (id)
)"""
# A transaction of its own whose commit does not wait for the disk.
_LOOSELY = ", loose AS (SELECT set_config('synchronous_commit', 'off', true))"
_DONE = "\nSELECT id FROM saved"
_DONE_LOOSELY = f"{_LOOSELY}{_DONE}, loose"


class Runner(Protocol):
    """What can run a statement: a connection inside a transaction, or the database by itself."""

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class Saving:
    """What changed of a payment as the statements take it; each row begins with the payment's ID.

    `may_be_lost`: a crash may lose it, when it is not followed by something else.
    """

    payment_id: UUID
    values: tuple[Any, ...]
    event: tuple[Any, ...] | None = None
    notification: tuple[Any, ...] | None = None
    entry: tuple[Any, ...] | None = None
    may_be_lost: bool = False


async def save_payments(
    runner: Runner, parts: Sequence[Saving], *, waits: bool
) -> list[UUID | None]:
    """Save all parts in one statement: the `Run` of `Together`.

    A part whose payment's version has moved on is left out, and the second one of a payment.
    """
    firsts = {part.payment_id: part for part in reversed(parts)}
    taken = list(firsts.values())
    alone = len(taken) == 1
    events = [part.event for part in taken if part.event]
    notes = [part.notification for part in taken if part.notification]
    entries = [part.entry for part in taken if part.entry]
    query = _statement(
        alone=alone,
        waits=waits,
        told=bool(events),
        noted=bool(notes),
        booked=bool(entries),
        loosely=all(part.may_be_lost for part in taken),
    )
    arguments = [*part_arguments([part.values for part in taken], alone=alone)]
    for rows in (events, notes, entries):
        arguments += part_arguments(rows, alone=alone) if rows else ()
    saved = {row["id"] for row in await runner.fetch(query, *arguments)}
    return [
        part.payment_id if part is firsts[part.payment_id] and part.payment_id in saved else None
        for part in parts
    ]


@cache
def _statement(
    *, alone: bool, waits: bool, told: bool, noted: bool, booked: bool, loosely: bool
) -> str:
    """Give the statement that saves payments, without the parts that have nothing to write."""
    written = [_ONE if alone else _MANY, _SAVED.replace("{FREE}", _ALL if waits else _FREE)]
    first = len(_MOVE) + 1
    more = ((told, _TELL, _TOLD), (noted, _NOTE, _NOTED), (booked, _BOOK, _BOOKED))
    for is_there, text, columns in more:
        if is_there:
            parts = columns.one(first) if alone else columns.many(first)
            written.append(text.replace("{PARTS}", parts))
            first += len(columns)
    return "".join([*written, _DONE_LOOSELY if loosely else _DONE])


def saving_of(
    payment: Payment,
    attempt: tuple[Any, ...],
    *,
    event: tuple[OutboxEvent, Trace] | None = None,
    notification: tuple[NotificationFacts, Effect] | None = None,
    entry: Entry | None = None,
    may_be_lost: bool = False,
) -> Saving:
    """Write down a changed payment with one attempt that is there, and what goes with them."""
    key = payment.id
    return Saving(
        key,
        (*payment_row(payment), payment.version, *attempt[:CHANGING_COLUMNS]),
        None if event is None else (key, *_event_row(*event)),
        None if notification is None else (key, *notification_row(*notification)),
        None if entry is None else (key, *_entry_row(entry)),
        may_be_lost,
    )


def _event_row(event: OutboxEvent, trace: Trace) -> tuple[Any, ...]:
    return (
        event.id,
        event.type,
        event.aggregate_id,
        event.aggregate_version,
        event.payload,
        trace.correlation_id,
        trace.traceparent,
    )


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    *plain, accounts, amounts = entry_arguments(entry)
    return (*plain, f"{{{','.join(accounts)}}}", f"{{{','.join(map(str, amounts))}}}")
