"""What payment writes by itself, many things of all kinds in one statement when many come."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any, Protocol
from uuid import UUID

from asyncpg import Record

from services.common.db.outbox import OUTBOX_COLUMNS, OutboxEvent, Trace
from services.common.db.together import PartColumns, once_each, part_arguments
from services.payment.adapters.journal import entry_arguments
from services.payment.adapters.payment_rows import (
    CHANGING_COLUMNS,
    notification_row,
    opening_text,
    payment_row,
)
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.journal import Entry
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts

# What is new has no more than this; the rest has defaults. Its times are counted from the moment
# that it is stored, because nothing was read before.
_NEW = PartColumns(
    "id uuid, owner text, reference_id uuid, state text, currency text, amount bigint, "
    "lines text, number integer, attempt_state text, round integer, ext_order_id text, "
    "pos_id text, auto_receive boolean, opening text, made_at timestamptz, "
    "next_step_at timestamptz, expire_time timestamptz"
)
_ADD = """brought AS ({PARTS}), added AS (
    INSERT INTO payment (id, owner, reference_id, state, currency, amount, lines, create_time)
    SELECT id, owner, reference_id, state, currency, amount, lines::jsonb, app_clock()
    FROM brought
    ON CONFLICT DO NOTHING RETURNING id, create_time
), first_attempt AS (
    INSERT INTO payment_attempt (payment_id, number, reference_id, state, round, ext_order_id,
        pos_id, auto_receive, opening, next_step_at, expire_time)
    SELECT id, number, reference_id, attempt_state, round, ext_order_id, pos_id, auto_receive,
        opening::jsonb, create_time + (next_step_at - made_at), create_time + (expire_time - made_at)
    FROM brought JOIN added USING (id)
)"""

# What changed of a payment: its own values and those of one of its attempts. Every change of a
# payment or of its parts counts its version up. So whoever still finds the version that he read,
# under the row's lock, has read what is true.
_MOVED = PartColumns(
    "id uuid, state text, captured bigint, refunded bigint, converted bigint, "
    "event_version bigint, kept_fees bigint, version bigint, number integer, "
    "attempt_state text, round integer, ext_order_id text, provider_order_id text, "
    "redirect_url text, opening text, decision text, refusal_reason text, "
    "decision_time timestamptz, taken_early boolean, capture_sent_time timestamptz, "
    "next_step_at timestamptz, step_count integer"
)
_SAVE = """wanted AS ({PARTS}), free AS ({FREE}), saved AS (
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
_ALL = "SELECT id FROM wanted"
# Leaves out payments that somebody else has locked.
_FREE = """
    SELECT wanted.id FROM payment p JOIN wanted USING (id) WHERE p.version = wanted.version
    FOR NO KEY UPDATE OF p SKIP LOCKED
"""

# What is stored with a changed payment, and only with it.
_EVENT = PartColumns(
    "id uuid, event_id uuid, type text, aggregate_id text, aggregate_version bigint, "
    "payload bytea, correlation_id text, traceparent text"
)
_TELL = f"""told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT event_id, type, aggregate_id, aggregate_version, payload, correlation_id, traceparent
    FROM ({{PARTS}}) event JOIN saved USING (id)
)"""  # noqa: S608 - a constant of ours
_NOTICE = PartColumns(
    "id uuid, digest bytea, pos_id text, ext_order_id text, provider_order_id text, "
    "status text, effect text"
)
_NOTE = """noted AS (
    INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
    SELECT digest, pos_id, ext_order_id, provider_order_id, status, effect
    FROM ({PARTS}) notice JOIN saved USING (id)
)"""
# Arrays of arrays are not told apart any more: an entry's lines come as PostgreSQL writes arrays.
_ENTRY = PartColumns(
    "id uuid, entry_id uuid, key text, kind text, currency text, accounts text, amounts text"
)
_BOOK = """booked AS (
    INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts, payment_id)
    SELECT entry_id, key, kind, currency, accounts::text[], amounts::bigint[], id
    FROM ({PARTS}) entry JOIN saved USING (id)
)"""

# A notification that changes nothing.
_NEWS = PartColumns(
    "digest bytea, pos_id text, ext_order_id text, provider_order_id text, status text, effect text"
)
_KEEP = """kept AS (
    INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
    {PARTS} ON CONFLICT DO NOTHING RETURNING digest
)"""

# Each takes part only when there is something to write: PostgreSQL sets up each anew, rows or none.
_PIECES = {
    "new": (_NEW, _ADD, "SELECT id, create_time, NULL::bytea AS digest FROM added"),
    "moved": (_MOVED, _SAVE, "SELECT id, NULL::timestamptz, NULL::bytea FROM saved"),
    "event": (_EVENT, _TELL, ""),
    "notice": (_NOTICE, _NOTE, ""),
    "entry": (_ENTRY, _BOOK, ""),
    "news": (_NEWS, _KEEP, "SELECT NULL::uuid, NULL::timestamptz, digest FROM kept"),
}
# A transaction of its own whose commit does not wait for the disk.
_LOOSE = "loose AS (SELECT set_config('synchronous_commit', 'off', true))"


class Runner(Protocol):
    """What can run a statement: a connection inside a transaction, or the database by itself."""

    async def fetch(self, query: str, /, *args: Any) -> list[Record]: ...


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written for one payment, or one notification, as rows by the statement's pieces.

    `key` is the payment's ID or the notification's digest. `may_be_lost`: a crash may lose it, when
    it is not followed by something else.
    """

    key: UUID | bytes
    rows: dict[str, tuple[Any, ...]]
    may_be_lost: bool = False


@once_each(lambda part: part.key)
async def write_together(
    runner: Runner, parts: Sequence[Writing], /, *, waits: bool
) -> list[Record | None]:
    """Write all parts in one statement: the `Run` of `Together`. New payments' rows tell when.

    Left out are what is there already, a payment whose version has moved on, and the second part
    of the same payment.
    """
    alone = len(parts) == 1
    rows = {
        name: found
        for name in _PIECES
        if (found := [part.rows[name] for part in parts if name in part.rows])
    }
    loosely = all(part.may_be_lost for part in parts)
    query = _statement(tuple(rows), alone=alone, waits=waits, loosely=loosely)
    arguments = (part_arguments(found, alone=alone) for found in rows.values())
    written = {row[0] or row[2]: row for row in await runner.fetch(query, *chain(*arguments))}
    return [written.get(part.key) for part in parts]


@cache
def _statement(pieces: tuple[str, ...], *, alone: bool, waits: bool, loosely: bool) -> str:
    written: list[str] = []
    first = 1
    for columns, text, _ in (_PIECES[name] for name in pieces):
        parts = columns.one(first) if alone else columns.many(first)
        written.append(text.replace("{PARTS}", parts).replace("{FREE}", _ALL if waits else _FREE))
        first += len(columns)
    done = " UNION ALL ".join(done for _, _, done in (_PIECES[name] for name in pieces) if done)
    if loosely:
        written.append(_LOOSE)
        done = f"SELECT done.* FROM ({done}) done, loose"  # noqa: S608 - constants of ours
    return f"WITH {', '.join(written)}\n{done}"


def adding_of(payment: Payment, attempt: PaymentAttempt) -> Writing:
    """Write down a new payment with its first attempt."""
    lines = {line.kind: line.amount for line in payment.lines}
    row = (
        payment.id,
        payment.owner,
        payment.reference_id,
        payment.state,
        payment.amount.currency,
        payment.amount.minor_units,
        json.dumps(lines) if lines else None,
        attempt.number,
        attempt.state,
        attempt.round,
        attempt.ext_order_id,
        attempt.pos_id,
        attempt.auto_receive,
        opening_text(attempt.opening),
        payment.create_time,
        attempt.next_step_at,
        attempt.expire_time,
    )
    return Writing(payment.id, {"new": row})


def saving_of(
    payment: Payment,
    attempt: tuple[Any, ...],
    *,
    event: tuple[OutboxEvent, Trace] | None = None,
    notification: tuple[NotificationFacts, Effect] | None = None,
    entry: Entry | None = None,
    may_be_lost: bool = False,
) -> Writing:
    """Write down a changed payment with one attempt that is there, and what goes with them."""
    key = payment.id
    rows = {"moved": (*payment_row(payment), payment.version, *attempt[:CHANGING_COLUMNS])}
    if event is not None:
        rows["event"] = (key, *_event_row(*event))
    if notification is not None:
        rows["notice"] = (key, *notification_row(*notification))
    if entry is not None:
        rows["entry"] = (key, *_entry_row(entry))
    return Writing(key, rows, may_be_lost)


def news_of(facts: NotificationFacts, effect: Effect | RefundEffect) -> Writing:
    """Write down a notification from which nothing was learnt: the provider may say it again."""
    return Writing(facts.digest, {"news": notification_row(facts, effect)}, may_be_lost=True)


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
