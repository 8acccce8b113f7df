"""The rows of a payment and its attempts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts

SAVE_PAYMENT = """
UPDATE payment SET state = $2, captured = $3, refunded = $4, converted = $5, event_version = $6,
    kept_fees = $7, version = version + 1
WHERE id = $1 AND version = $8 RETURNING id"""
ADD_ATTEMPT = """
INSERT INTO payment_attempt (number, state, round, ext_order_id, provider_order_id, redirect_url,
    opening, decision, refusal_reason, decision_time, taken_early, capture_sent_time, next_step_at,
    step_count, reference_id, pos_id, auto_receive, expire_time, payment_id)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
    $18, $19)"""
# Of an attempt's row: what changes comes first.
CHANGING_COLUMNS = 14
_OPENING_FIELDS = tuple(each.name for each in fields(Opening))


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
    return (
        attempt.number,
        attempt.state,
        attempt.round,
        attempt.ext_order_id,
        attempt.provider_order_id,
        attempt.redirect_url,
        opening_text(attempt.opening),
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


def opening_text(opening: Opening | None) -> str | None:
    if opening is None:
        return None
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
