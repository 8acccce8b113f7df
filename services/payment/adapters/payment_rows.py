"""The rows of a payment and its attempts, and the one statement that stores them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from services.common.db.outbox import OUTBOX_COLUMNS, OutboxEvent, Trace
from services.payment.adapters.journal import entry_arguments
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.journal import Entry
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts

# Every change of a payment or of its parts counts its version up. So whoever still finds the
# version that he read, under the row's lock, has read what is true.
SAVE_PAYMENT = """
UPDATE payment SET state = $2, captured = $3, refunded = $4, converted = $5, event_version = $6,
    kept_fees = $7, version = version + 1
WHERE id = $1 AND version = $8 RETURNING id"""
_SAVED = f"WITH saved AS ({SAVE_PAYMENT})"
_ADDED = """
WITH saved AS (
    INSERT INTO payment (id, state, captured, refunded, converted, event_version, kept_fees,
        version, owner, reference_id, currency, amount, create_time, lines)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, app_clock(), $13::text::jsonb)
    ON CONFLICT DO NOTHING RETURNING id, create_time
)"""

# What is stored with a payment in the same round trip; each part counts its arguments from 1. Only
# what is there takes part: PostgreSQL sets up each part anew, rows or none.
_CHANGED_ATTEMPT = """, attempt AS (
    UPDATE payment_attempt SET state = $2, round = $3, ext_order_id = $4, provider_order_id = $5,
        redirect_url = $6, opening = $7::text::jsonb, decision = $8, refusal_reason = $9,
        decision_time = $10, taken_early = $11, capture_sent_time = $12, next_step_at = $13,
        step_count = $14
    WHERE number = $1 AND payment_id = $15 AND EXISTS (SELECT FROM saved)
)"""
_ADDED_ATTEMPT = """, attempt AS (
    INSERT INTO payment_attempt (payment_id, number, state, round, ext_order_id,
        provider_order_id, redirect_url, opening, decision, refusal_reason, decision_time,
        taken_early, capture_sent_time, next_step_at, step_count, reference_id, pos_id,
        auto_receive, expire_time)
    SELECT id, $1::integer, $2::text, $3::integer, $4::text, $5::text, $6::text, $7::text::jsonb,
        $8::text, $9::text, $10::timestamptz, $11::boolean, $12::timestamptz, $13::timestamptz,
        $14::integer, $15::uuid, $16::text, $17::boolean, $18::timestamptz
    FROM saved
)"""
# The times of what is new are counted from the moment that it is stored: nothing was read before.
_FIRST_ATTEMPT = _ADDED_ATTEMPT.replace(
    "$13::timestamptz", "create_time + ($13::timestamptz - $19::timestamptz)"
).replace("$18::timestamptz", "create_time + ($18::timestamptz - $19::timestamptz)")
_TOLD = f""", told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT $1::uuid, $2::text, $3::text, $4::bigint, $5::bytea, $6::text, $7::text FROM saved
)"""  # noqa: S608 - ours
_NOTED = """, noted AS (
    INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
    SELECT $1::bytea, $2::text, $3::text, $4::text, $5::text, $6::text FROM saved
)"""
_BOOKED = """, entry AS (
    INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts, payment_id)
    SELECT $1::uuid, $2::text, $3::text, $4::text, $5::text[], $6::bigint[], id FROM saved
)"""
# A transaction of its own whose commit does not wait for the disk.
_LOOSELY = ", loose AS (SELECT set_config('synchronous_commit', 'off', true))"
_DONE = "\nSELECT count(*) FROM saved"
_DONE_LOOSELY = f"{_LOOSELY}{_DONE}, loose"
_DONE_FIRST = "\nSELECT create_time FROM saved"
_ARGUMENT = re.compile(r"\$(\d+)")
# Of an attempt's row: what changes comes first.
_CHANGING_COLUMNS = 14
_OPENING_FIELDS = tuple(each.name for each in fields(Opening))


class Runner(Protocol):
    """What can run a statement: a connection inside a transaction, or the database by itself."""

    async def fetchval(self, query: str, /, *args: Any) -> Any: ...


async def add_together(
    runner: Runner, payment: Payment, attempt: tuple[Any, ...]
) -> datetime | None:
    """Store a new payment with its first attempt, and tell when; None: there is one already.

    Its times are stored as they are to its `create_time`, but from the database's clock on.
    """
    new = (
        payment.owner,
        payment.reference_id,
        payment.amount.currency,
        payment.amount.minor_units,
        _lines_of(payment),
    )
    added_at: datetime | None = await runner.fetchval(
        _statement(_ADDED, _FIRST_ATTEMPT, _DONE_FIRST),
        *payment_row(payment),
        payment.version,
        *new,
        *attempt,
        payment.create_time,
    )
    return added_at


async def save_together(
    runner: Runner,
    payment: Payment,
    attempt: tuple[Any, ...],
    event: OutboxEvent | None,
    trace: Trace,
    *,
    is_new_attempt: bool,
    notification: tuple[NotificationFacts, Effect] | None = None,
    entry: Entry | None = None,
    may_be_lost: bool = False,
) -> bool:
    """Store a payment with one attempt, at most one event, and what goes with them.

    False, and nothing is stored, when the payment's version has moved on. `may_be_lost`: a crash
    may lose it, when it is not followed by something else.
    """
    parts = [_SAVED]
    arguments = [*payment_row(payment), payment.version]
    if is_new_attempt:
        parts.append(_ADDED_ATTEMPT)
        arguments += attempt
    else:
        parts.append(_CHANGED_ATTEMPT)
        arguments += (*attempt[:_CHANGING_COLUMNS], payment.id)
    if event is not None:
        parts.append(_TOLD)
        arguments += _event_row(event, trace)
    if notification is not None:
        parts.append(_NOTED)
        arguments += notification_row(*notification)
    if entry is not None:
        parts.append(_BOOKED)
        arguments += entry_arguments(entry)
    query = _statement(*parts, _DONE_LOOSELY if may_be_lost else _DONE)
    if not await runner.fetchval(query, *arguments):
        return False
    payment.version += 1
    return True


@cache
def _statement(*parts: str) -> str:
    """Write the parts one after the other, and count their arguments through."""
    written: list[str] = []
    taken = 0
    for part in parts:
        numbers = [int(number) for number in _ARGUMENT.findall(part)]
        written.append(_counted_from(part, taken))
        taken += max(numbers, default=0)
    return "".join(written)


def _counted_from(part: str, taken: int) -> str:
    return _ARGUMENT.sub(lambda found: f"${int(found[1]) + taken}", part)


def _lines_of(payment: Payment) -> str | None:
    lines = {line.kind: line.amount for line in payment.lines}
    return json.dumps(lines) if lines else None


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


def payment_row(payment: Payment) -> tuple[Any, ...]:
    return (
        payment.id,
        payment.state,
        payment.captured,
        payment.refunded,
        payment.converted,
        payment.event_version,
        payment.kept_fees,
    )


def attempt_row(attempt: PaymentAttempt) -> tuple[Any, ...]:
    opening = attempt.opening
    return (
        attempt.number,
        attempt.state,
        attempt.round,
        attempt.ext_order_id,
        attempt.provider_order_id,
        attempt.redirect_url,
        None if opening is None else _opening_of(opening),
        attempt.decision,
        attempt.refusal_reason,
        attempt.decision_time,
        attempt.taken_early,
        attempt.capture_sent_time,
        attempt.next_step_at,
        attempt.step_count,
        attempt.reference_id,
        attempt.pos_id,
        attempt.auto_receive,
        attempt.expire_time,
    )


def _opening_of(opening: Opening) -> str:
    return json.dumps({name: getattr(opening, name) for name in _OPENING_FIELDS})


def notification_row(facts: NotificationFacts, effect: Effect | RefundEffect) -> tuple[Any, ...]:
    return (
        facts.digest,
        facts.pos_id,
        facts.ext_order_id,
        facts.provider_order_id,
        facts.status,
        effect,
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read of a payment, as rows: to find out what a change has changed."""

    payment: tuple[Any, ...] | None
    attempts: Mapping[int, tuple[Any, ...]]

    @classmethod
    def of(cls, payment: Payment | None) -> "Rows":
        if payment is None:
            return cls(None, {})
        rows = {number: attempt_row(each) for number, each in payment.attempts.items()}
        return cls(payment_row(payment), rows)

    def changed_attempts(self, payment: Payment) -> list[tuple[Any, ...]]:
        rows = ((number, attempt_row(each)) for number, each in payment.attempts.items())
        return [row for number, row in rows if self.attempts.get(number) != row]

    def is_changed(self, payment: Payment, changed_attempts: Sequence[tuple[Any, ...]]) -> bool:
        return bool(
            changed_attempts
            or payment.events
            or payment.entries
            or payment.strays
            or self.payment != payment_row(payment)
            or self.has_dropped(payment)
        )

    def has(self, attempt: tuple[Any, ...]) -> bool:
        """Tell whether a row's attempt was there, by its number."""
        return attempt[0] in self.attempts

    def has_dropped(self, payment: Payment) -> bool:
        return bool(self.attempts.keys() - payment.attempts.keys())
