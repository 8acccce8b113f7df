"""The rows of a payment and its attempts, and the one statement that stores them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import reduce
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
ADD_PAYMENT = """
INSERT INTO payment (id, state, captured, refunded, converted, event_version, kept_fees, version,
    owner, reference_id, currency, amount, create_time, lines)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $34, $35, $36, $37, app_clock(), $39::text::jsonb)
ON CONFLICT DO NOTHING RETURNING id, create_time"""

# Payment, attempt and event in one round trip: each purchase comes this way six times.
_WITH_ATTEMPT = f""", told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT $27::uuid, $28::text, $29::text, $30::bigint, $31::bytea, $32::text, $33::text
    FROM saved WHERE $27::uuid IS NOT NULL
), attempt AS (
    INSERT INTO payment_attempt (payment_id, number, reference_id, state, round, ext_order_id,
        pos_id, auto_receive, provider_order_id, redirect_url, expire_time, opening, decision,
        refusal_reason, decision_time, taken_early, capture_sent_time, next_step_at, step_count)
    SELECT id, $9::integer, $10::uuid, $11::text, $12::integer, $13::text, $14::text,
        $15::boolean, $16::text, $17::text, $18::timestamptz, $19::text::jsonb, $20::text,
        $21::text, $22::timestamptz, $23::boolean, $24::timestamptz, $25::timestamptz,
        $26::integer
    FROM saved
    ON CONFLICT (payment_id, number) DO UPDATE SET
        state = excluded.state, round = excluded.round, ext_order_id = excluded.ext_order_id,
        provider_order_id = excluded.provider_order_id, redirect_url = excluded.redirect_url,
        opening = excluded.opening, decision = excluded.decision,
        refusal_reason = excluded.refusal_reason, decision_time = excluded.decision_time,
        taken_early = excluded.taken_early, capture_sent_time = excluded.capture_sent_time,
        next_step_at = excluded.next_step_at, step_count = excluded.step_count
)"""  # noqa: S608 - ours
_WITH_NOTIFICATION = """, noted AS (
    INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
    SELECT $34::bytea, $35::text, $36::text, $37::text, $38::text, $39::text FROM saved
)"""
_WITH_ENTRY = """, entry AS (
    INSERT INTO journal_entry (id, key, kind, currency, accounts, amounts, payment_id)
    SELECT $40::uuid, $41::text, $42::text, $43::text, $44::text[], $45::bigint[], id FROM saved
)"""
_DONE = "\nSELECT count(*) FROM saved"
# The times of what is new are counted from the moment that it is stored: nothing was read before.
_TIMES = ("$18::timestamptz", "$25::timestamptz")
_NEW_ATTEMPT = reduce(
    lambda text, time: text.replace(time, f"create_time + ({time} - $38::timestamptz)"),
    _TIMES,
    _WITH_ATTEMPT,
)
_ADD = f"WITH saved AS ({ADD_PAYMENT}){_NEW_ATTEMPT}\nSELECT create_time FROM saved"
_SAVE = f"WITH saved AS ({SAVE_PAYMENT}){_WITH_ATTEMPT}{_DONE}"
_SAVE_NOTED = f"WITH saved AS ({SAVE_PAYMENT}){_WITH_ATTEMPT}{_WITH_NOTIFICATION}{_DONE}"
_SAVE_BOOKED = (
    f"WITH saved AS ({SAVE_PAYMENT}){_WITH_ATTEMPT}{_WITH_NOTIFICATION}{_WITH_ENTRY}{_DONE}"
)
# A transaction of its own whose commit does not wait for the disk.
_LOOSELY = ", loose AS (SELECT set_config('synchronous_commit', 'off', true))"
_SAVE_LOOSELY = f"WITH saved AS ({SAVE_PAYMENT}){_WITH_ATTEMPT}{_LOOSELY}{_DONE}, loose"
_NO_EVENT = (None,) * 7
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
        payment.create_time,
        _lines_of(payment),
    )
    arguments = (*payment_row(payment), payment.version, *attempt, *_NO_EVENT, *new)
    added_at: datetime | None = await runner.fetchval(_ADD, *arguments)
    return added_at


async def save_together(
    runner: Runner,
    payment: Payment,
    attempt: tuple[Any, ...],
    event: OutboxEvent | None,
    trace: Trace,
    *,
    notification: tuple[NotificationFacts, Effect] | None = None,
    entry: Entry | None = None,
    may_be_lost: bool = False,
) -> bool:
    """Store a payment with one attempt, at most one event, and what goes with them.

    False, and nothing is stored, when the payment's version has moved on. An entry goes with a
    notification. `may_be_lost`: a crash may lose it, when it is not followed by something else.
    """
    told = _NO_EVENT if event is None else _event_row(event, trace)
    arguments = (*payment_row(payment), payment.version, *attempt, *told)
    query = _SAVE_LOOSELY if may_be_lost else _SAVE
    if notification is not None:
        query, arguments = _SAVE_NOTED, (*arguments, *notification_row(*notification))
        if entry is not None:
            query, arguments = _SAVE_BOOKED, (*arguments, *entry_arguments(entry))
    if not await runner.fetchval(query, *arguments):
        return False
    payment.version += 1
    return True


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
        attempt.reference_id,
        attempt.state,
        attempt.round,
        attempt.ext_order_id,
        attempt.pos_id,
        attempt.auto_receive,
        attempt.provider_order_id,
        attempt.redirect_url,
        attempt.expire_time,
        None if opening is None else _opening_of(opening),
        attempt.decision,
        attempt.refusal_reason,
        attempt.decision_time,
        attempt.taken_early,
        attempt.capture_sent_time,
        attempt.next_step_at,
        attempt.step_count,
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

    def has_dropped(self, payment: Payment) -> bool:
        return bool(self.attempts.keys() - payment.attempts.keys())
