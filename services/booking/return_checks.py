"""What must always be true of what is given back, for `make verify`: once, all of it, no fee."""

from services.common.db.checks import Check

# A remedy that is not carried out, or lapsed, gives nothing back.
_RETURNS = """
SELECT o.screening_id, o.id, o.state,
    (SELECT coalesce(sum(g.amount), 0) FROM order_leg g
     WHERE g.screening_id = o.screening_id AND g.order_id = o.id AND g.kind = 'REFUND'
       AND g.name = 'refund') AS refund,
    (SELECT coalesce(sum(r.amount), 0) FROM remedy r
     WHERE r.screening_id = o.screening_id AND r.order_id = o.id AND r.kind = 'VOUCHER'
       AND r.state IN ('REQUESTED', 'GIVEN')) AS voucher,
    (SELECT coalesce(sum(a.amount), 0) FROM order_allocation a
     WHERE a.screening_id = o.screening_id AND a.order_id = o.id AND a.leg = 'payment'
       AND a.part <> 'SERVICE_FEE') AS money
FROM customer_order o
WHERE o.state IN ('CONFIRMED', 'CANCELLED')"""
_GIVEN_BACK_ONCE = f"""
SELECT format('order %s', id) AS subject,
       format('%s, refund %s and voucher %s of %s in tickets and supplements', state, refund,
              voucher, money) AS detail,
       NULL::double precision AS age_seconds
FROM ({_RETURNS}) given
WHERE refund + voucher > money OR (state = 'CANCELLED' AND refund + voucher <> money)"""  # noqa: S608 - ours

_FEES_BY_TWO = """
SELECT format('order %s', g.order_id) AS subject,
       format('fee of %s given back of %s; proposed by %s, agreed by %s', g.amount, fee, f.proposed_by,
              f.approved_by) AS detail,
       NULL::double precision AS age_seconds
FROM order_leg g
LEFT JOIN fee_override f ON f.screening_id = g.screening_id AND f.order_id = g.order_id,
    LATERAL (SELECT coalesce(sum(a.amount), 0) AS fee FROM order_allocation a
             WHERE a.screening_id = g.screening_id AND a.order_id = g.order_id
               AND a.leg = 'payment' AND a.part = 'SERVICE_FEE') fees
WHERE g.name = 'fee-refund' AND (f.approved_by IS NULL OR g.amount <> fee)"""

_ALL_LEGS_GO_BACK = """
SELECT format('order %s leg %s', o.id, g.name) AS subject,
       format('its order is CANCELLED and it is %s', g.state) AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o
JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id
WHERE o.state = 'CANCELLED' AND g.kind IN ('PLACES', 'VOUCHER')
  AND g.state NOT IN ('UNDOING', 'UNDONE')
UNION ALL
SELECT format('order %s leg %s', o.id, g.name), 'not final, and nobody comes back to it', NULL
FROM customer_order o
JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id
WHERE g.kind = 'REFUND' AND g.state <> 'DONE' AND o.next_step_at IS NULL
  AND o.channel <> 'BOX_OFFICE'"""

# Published events and sent e-mails are kept for longer than a day.
_TOLD_ONCE = """
SELECT format('order %s', o.id) AS subject, format('told as cancelled %s times', told) AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o,
    LATERAL (SELECT count(*) AS told FROM outbox
             WHERE aggregate_id = o.id::text AND type = 'OrderCancelled') events
WHERE o.state = 'CANCELLED' AND told <> 1
  AND (o.cancellation ->> 'cancelled_at')::timestamptz > app_clock() - interval '1 day'
UNION ALL
SELECT format('order %s', o.id), 'cancelled without its e-mail', NULL
FROM customer_order o
JOIN order_contact c ON c.screening_id = o.screening_id AND c.order_id = o.id
WHERE o.state = 'CANCELLED' AND c.email <> ''
  AND (o.cancellation ->> 'cancelled_at')::timestamptz > app_clock() - interval '1 day'
  AND NOT EXISTS (SELECT FROM mail WHERE key = 'order-cancelled:' || o.id)"""


def return_checks() -> list[Check]:
    """Give the checks of what is given back."""
    return [
        Check("what is given back is given once", "I6", _GIVEN_BACK_ONCE),
        Check("fees go back when two of the staff agree", "I6", _FEES_BY_TWO),
        Check("cancelled orders give all of it back", "I3", _ALL_LEGS_GO_BACK),
        Check("every cancellation is told once", "I7", _TOLD_ONCE),
    ]
