"""Work whose time has come, taken by one worker at a time without a lock that lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.payment.use_cases.ports import DueAttempt, DueStray

FIRST_BACK_OFF_S = 1.0
MAX_BACK_OFF_S = 60.0
# Somebody waits for his tickets.
MAX_CAPTURE_BACK_OFF_S = 8.0
CUSTOMER_POLL_S = 60.0
EXPIRY_GRACE_S = 6.0

_ATTEMPTS_DUE = "FROM payment_attempt WHERE next_step_at <= (SELECT app_clock())"
_STRAYS_DUE = "FROM stray_order WHERE next_step_at <= (SELECT app_clock())"
_REFUNDS_DUE = "FROM refund WHERE next_step_at <= (SELECT app_clock())"
STEPS_ARE_DUE = " OR ".join(
    f"(SELECT true {due} ORDER BY next_step_at LIMIT 1)"
    for due in (_ATTEMPTS_DUE, _STRAYS_DUE, _REFUNDS_DUE)
)

# Each take moves the next step away: who crashes with it loses only that time.
_TAKE_ATTEMPTS = f"""
UPDATE payment_attempt SET step_count = step_count + 1, next_step_at =
    CASE WHEN state = 'AWAITING_CUSTOMER' AND app_clock() < expire_time
    THEN least(app_clock() + make_interval(secs => $4),
               expire_time + make_interval(secs => $5))
    ELSE app_clock() + make_interval(secs => least($2 * 2 ^ least(step_count, 6),
        CASE state WHEN 'CAPTURE_SENT' THEN $6::float8 ELSE $3::float8 END)) END
WHERE (payment_id, number) IN (
    SELECT payment_id, number {_ATTEMPTS_DUE}
    ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING payment_id, number"""  # noqa: S608 - a constant of ours
_TAKE_STRAYS = f"""
UPDATE stray_order SET step_count = step_count + 1, next_step_at =
    CASE WHEN provider_order_id IS NULL
    THEN greatest(expire_time, app_clock()) + make_interval(secs => $4)
    ELSE app_clock() + make_interval(secs => least($2 * 2 ^ least(step_count, 6), $3)) END
WHERE ext_order_id IN (
    SELECT ext_order_id {_STRAYS_DUE}
    ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING ext_order_id, pos_id, provider_order_id, app_clock() >= expire_time AS is_past_expiry"""  # noqa: S608 - ours
_TAKE_REFUNDS = f"""
UPDATE refund SET step_count = step_count + 1,
    next_step_at = app_clock() + make_interval(secs => least($2 * 2 ^ least(step_count, 10), $3))
WHERE id IN (
    SELECT id {_REFUNDS_DUE}
    ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id"""  # noqa: S608 - a constant of ours
# What was put aside while it was still open is over when nothing can be paid there any more.
_SETTLE = """
WITH settled AS (
    UPDATE stray_order SET next_step_at = NULL, settle_time = clock_timestamp()
    WHERE ext_order_id = $1
)
UPDATE exception_case
SET resolve_time = app_clock(), resolved_by = 'payment', resolve_reason = 'Closed at the provider.'
WHERE ext_order_id = $1 AND resolve_time IS NULL AND cause IN ('WRONG_AMOUNT', 'UNKNOWN_ORDER')
  AND NOT EXISTS (SELECT FROM refund r WHERE r.id = exception_case.id)"""
MAX_REFUND_BACK_OFF_S = 3_600.0


@dataclass(frozen=True, slots=True)
class SqlDueWork:
    """Steps that are due, by `app_clock()`."""

    database: Database

    async def take_attempts(self, limit: int) -> Sequence[DueAttempt]:
        rows = await self.database.fetch(
            _TAKE_ATTEMPTS,
            limit,
            FIRST_BACK_OFF_S,
            MAX_BACK_OFF_S,
            CUSTOMER_POLL_S,
            EXPIRY_GRACE_S,
            MAX_CAPTURE_BACK_OFF_S,
        )
        return [DueAttempt(row["payment_id"], row["number"]) for row in rows]

    async def take_strays(self, limit: int) -> Sequence[DueStray]:
        rows = await self.database.fetch(
            _TAKE_STRAYS, limit, FIRST_BACK_OFF_S, MAX_BACK_OFF_S, EXPIRY_GRACE_S
        )
        return [DueStray(**dict(row)) for row in rows]

    async def take_refunds(self, limit: int) -> Sequence[UUID]:
        rows = await self.database.fetch(
            _TAKE_REFUNDS, limit, FIRST_BACK_OFF_S, MAX_REFUND_BACK_OFF_S
        )
        return [row["id"] for row in rows]

    async def settle_stray(self, ext_order_id: str) -> None:
        await self.database.execute(_SETTLE, ext_order_id)
