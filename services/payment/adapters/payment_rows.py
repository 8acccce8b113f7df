"""The rows of a payment and its attempts, and the one statement that stores them."""

import json
from dataclasses import asdict
from typing import Any

from services.common.db.outbox import OUTBOX_COLUMNS, OutboxEvent
from services.common.db.transaction import Transaction
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment

SAVE_PAYMENT = """
UPDATE payment SET state = $2, captured = $3, refunded = $4, converted = $5, event_version = $6
WHERE id = $1"""

# Payment, attempt and event in one round trip: each purchase comes this way six times.
_SAVE_TOGETHER = f"""
WITH saved AS (
    {SAVE_PAYMENT} AND (state, captured, refunded, converted, event_version)
        IS DISTINCT FROM ($2, $3, $4, $5, $6)
), told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT $25::uuid, $26::text, $27::text, $28::bigint, $29::bytea, $30::text, $31::text
    WHERE $25::uuid IS NOT NULL
)
INSERT INTO payment_attempt (payment_id, number, reference_id, state, round, ext_order_id, pos_id,
    auto_receive, provider_order_id, redirect_url, expire_time, opening, decision, refusal_reason,
    decision_time, taken_early, capture_sent_time, next_step_at, step_count)
VALUES ($1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (payment_id, number) DO UPDATE SET
    state = excluded.state, round = excluded.round, ext_order_id = excluded.ext_order_id,
    provider_order_id = excluded.provider_order_id, redirect_url = excluded.redirect_url,
    opening = excluded.opening, decision = excluded.decision,
    refusal_reason = excluded.refusal_reason, decision_time = excluded.decision_time,
    taken_early = excluded.taken_early, capture_sent_time = excluded.capture_sent_time,
    next_step_at = excluded.next_step_at, step_count = excluded.step_count"""  # noqa: S608 - ours
_NO_EVENT = (None,) * 7


async def save_together(
    tx: Transaction,
    payment: tuple[Any, ...],
    attempt: tuple[Any, ...],
    events: list[OutboxEvent],
) -> None:
    """Store a payment's row, one attempt's, and at most one event."""
    told: tuple[Any, ...] = _NO_EVENT
    for event in events:
        trace = tx.outbox.trace()
        told = (
            event.id,
            event.type,
            event.aggregate_id,
            event.aggregate_version,
            event.payload,
            trace.correlation_id,
            trace.traceparent,
        )
    await tx.driver.execute(_SAVE_TOGETHER, *payment, *attempt, *told)
    tx.outbox.awaited += sum(event.is_awaited for event in events)


def payment_row(payment: Payment) -> tuple[Any, ...]:
    return (
        payment.id,
        payment.state,
        payment.captured,
        payment.refunded,
        payment.converted,
        payment.event_version,
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
        None if opening is None else json.dumps(asdict(opening)),
        attempt.decision,
        attempt.refusal_reason,
        attempt.decision_time,
        attempt.taken_early,
        attempt.capture_sent_time,
        attempt.next_step_at,
        attempt.step_count,
    )
