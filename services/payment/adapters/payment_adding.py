"""Adds new payments, many in one statement when many come."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.common.db.together import PartColumns, part_arguments
from services.payment.adapters.payment_rows import opening_text
from services.payment.adapters.payment_saving import Runner
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment

# What is new has no more than this; the rest has defaults. Its times are counted from the moment
# that it is stored, because nothing was read before.
_NEW = PartColumns(
    "id uuid, owner text, reference_id uuid, state text, currency text, amount bigint, "
    "lines text, number integer, attempt_state text, round integer, ext_order_id text, "
    "pos_id text, auto_receive boolean, opening text, made_at timestamptz, "
    "next_step_at timestamptz, expire_time timestamptz"
)
_ADD = """
WITH wanted AS ({PARTS}), added AS (
    INSERT INTO payment (id, owner, reference_id, state, currency, amount, lines, create_time)
    SELECT id, owner, reference_id, state, currency, amount, lines::jsonb, app_clock()
    FROM wanted
    ON CONFLICT DO NOTHING RETURNING id, create_time
), attempt AS (
    INSERT INTO payment_attempt (payment_id, number, reference_id, state, round, ext_order_id,
        pos_id, auto_receive, opening, next_step_at, expire_time)
    SELECT id, number, reference_id, attempt_state, round, ext_order_id, pos_id, auto_receive,
        opening::jsonb, create_time + (next_step_at - made_at), create_time + (expire_time - made_at)
    FROM wanted JOIN added USING (id)
)
SELECT id, create_time FROM added"""
_ADD_ONE, _ADD_MANY = (_ADD.replace("{PARTS}", parts) for parts in (_NEW.one(), _NEW.many()))


async def add_payments(
    runner: Runner, parts: Sequence[tuple[Any, ...]], *, waits: bool
) -> list[datetime | None]:
    """Add payments in one statement, and tell when: the `Run` of `Together`.

    None for one whose reference there is already, which is no lock: `waits` makes no difference.
    """
    del waits
    alone = len(parts) == 1
    rows = await runner.fetch(_ADD_ONE if alone else _ADD_MANY, *part_arguments(parts, alone=alone))
    added = {row["id"]: row["create_time"] for row in rows}
    return [added.get(part[0]) for part in parts]


def adding_of(payment: Payment, attempt: PaymentAttempt) -> tuple[Any, ...]:
    """Write down a new payment with its first attempt; its ID comes first."""
    lines = {line.kind: line.amount for line in payment.lines}
    return (
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
