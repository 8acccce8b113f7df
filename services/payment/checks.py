"""What must always be true of payments, for `make verify`."""

from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import DEFAULT_SETTLE_S, Check

# A page is open for minutes; besides that, every step has its end.
MAX_STUCK_S = 120.0
MAX_PAGE_LATE_S = 180.0

_ENTRIES_BALANCE = """
SELECT entry_id::text AS subject, format('%s sums to %s', currency, sum(amount)) AS detail,
       NULL::double precision AS age_seconds
FROM journal_posting GROUP BY entry_id, currency HAVING sum(amount) <> 0
UNION ALL
SELECT id::text, 'an entry without postings', NULL FROM journal_entry
WHERE cardinality(accounts) = 0"""

_CAPTURES_ACCOUNTED = """
SELECT p.reference_id::text AS subject,
       format('captured %s; books: taken %s, sold %s, vouchers %s, lapsed %s, refunds %s',
              p.captured, b.taken, b.sold, b.vouchers, b.lapsed, b.refunds) AS detail,
       NULL::double precision AS age_seconds
FROM payment p LEFT JOIN LATERAL (
    SELECT coalesce(sum(l.amount) FILTER (
               WHERE l.account = 'provider_clearing' AND e.kind = 'CAPTURE'), 0) AS taken,
           -coalesce(sum(l.amount) FILTER (WHERE l.account IN ('ticket_sales',
               'supplement_sales', 'service_fees', 'goods_sales', 'prepaid_card_sales')), 0) AS sold,
           -coalesce(sum(l.amount) FILTER (WHERE l.account = 'vouchers_issued'), 0) AS vouchers,
           -coalesce(sum(l.amount) FILTER (WHERE l.account = 'lapsed_remedies'), 0) AS lapsed,
           -coalesce(sum(l.amount) FILTER (
               WHERE l.account = 'refunds_payable' AND e.kind = 'REFUND'), 0)
           - coalesce(sum(l.amount) FILTER (
               WHERE l.account = 'exceptions' AND e.kind = 'REFUND'), 0) AS refunds
    FROM journal_entry e JOIN journal_posting l ON l.entry_id = e.id
    WHERE e.payment_id = p.id
) b ON true
WHERE p.captured <> b.taken OR p.captured <> b.sold + b.vouchers + b.lapsed + b.refunds
   OR p.converted <> b.vouchers + b.lapsed OR p.refunded <> b.refunds
   OR b.lapsed <> (SELECT coalesce(sum(s.amount), 0) FROM spending s
                   WHERE s.payment_id = p.id AND s.purpose = 'LAPSED_REMEDY')"""

_REFUNDS_PAID = """
SELECT r.id::text AS subject, format('%s, on the books %s of %s', r.state, b.owed, r.amount) AS detail,
       NULL::double precision AS age_seconds
FROM refund r LEFT JOIN LATERAL (
    SELECT -coalesce(sum(l.amount), 0) AS owed, count(*) AS postings
    FROM journal_entry e JOIN journal_posting l ON l.entry_id = e.id
    WHERE l.account = 'refunds_payable'
      AND e.key IN ('refund:' || r.id, 'refund-paid:' || r.id)
) b ON true
WHERE b.postings = 0
   OR b.owed <> CASE WHEN r.state = 'COMPLETED' THEN 0 ELSE r.amount END"""

_EXCEPTIONS_NAMED = """
SELECT e.key AS subject, 'money on the books as an exception that nobody named' AS detail,
       NULL::double precision AS age_seconds
FROM journal_entry e
WHERE e.kind = 'EXCEPTION' AND NOT EXISTS (
    SELECT FROM exception_case c
    WHERE e.key IN ('exception:' || c.ext_order_id,
                    'exception:' || c.pos_id || '/' || c.provider_order_id))"""

_ALL_EXPLAINED = """
SELECT b.currency AS subject,
       format('taken %s, on the books %s; %s lie in exceptions', t.amount, b.taken, b.exceptions)
           AS detail,
       NULL::double precision AS age_seconds
FROM (
    SELECT l.currency, coalesce(sum(l.amount) FILTER (
               WHERE l.account = 'provider_clearing' AND e.kind IN ('CAPTURE', 'EXCEPTION')), 0)
               AS taken,
           coalesce(sum(l.amount) FILTER (WHERE l.account = 'exceptions'), 0) AS exceptions
    FROM journal_entry e JOIN journal_posting l ON l.entry_id = e.id GROUP BY l.currency
) b LEFT JOIN (
    SELECT currency, sum(amount) AS amount FROM (
        SELECT currency, captured AS amount FROM payment WHERE captured > 0
        UNION ALL SELECT currency, amount FROM refund WHERE reason = 'EXCEPTION') every_one
    GROUP BY currency
) t USING (currency)
WHERE b.exceptions <> 0 OR b.taken IS DISTINCT FROM coalesce(t.amount, 0)"""

_BUDGET = """
SELECT p.reference_id::text AS subject,
       format('captured %s, fees %s, refunded %s, converted %s', captured, kept_fees, refunded,
              converted) AS detail,
       NULL::double precision AS age_seconds
FROM payment p WHERE captured - kept_fees - refunded - converted < 0
   OR refunded + converted > captured
   OR kept_fees > CASE WHEN captured > 0 THEN coalesce((lines ->> 'SERVICE_FEES')::bigint, 0) ELSE 0 END
UNION ALL
SELECT p.reference_id::text, 'spendings do not sum to what was converted', NULL
FROM payment p WHERE p.converted <> (
    SELECT coalesce(sum(amount), 0) FROM spending s WHERE s.payment_id = p.id)"""

_NO_CAPTURE_WITHOUT_GRANT = """
SELECT ext_order_id AS subject, format('%s with decision %s', state, decision) AS detail,
       NULL::double precision AS age_seconds
FROM payment_attempt
WHERE state IN ('CAPTURE_SENT', 'CAPTURED') AND decision IS DISTINCT FROM 'GRANT'
UNION ALL
SELECT p.reference_id::text, 'captured without an attempt that won', NULL
FROM payment p WHERE (p.state = 'CAPTURED') <> EXISTS (
    SELECT FROM payment_attempt a WHERE a.payment_id = p.id AND a.state = 'CAPTURED')"""

# Times of steps are by the service's clock, which a test may move: what is late is read again.
_STUCK = f"""
SELECT a.ext_order_id AS subject,
       format('%s after %s steps, next step %s', a.state, a.step_count, a.next_step_at) AS detail,
       0.0::double precision AS age_seconds
FROM payment_attempt a
WHERE a.next_step_at < app_clock() - interval '{MAX_STUCK_S} seconds'
UNION ALL
SELECT a.ext_order_id, 'nobody comes back to ' || a.state, NULL
FROM payment_attempt a
WHERE a.next_step_at IS NULL
  AND (a.state IN ('OPENING', 'AWAITING_CUSTOMER', 'CAPTURE_SENT', 'CANCELLING')
       OR a.state = 'AUTHORIZED' AND a.decision IS NULL)
UNION ALL
SELECT a.ext_order_id, 'the page should be closed', 0.0
FROM payment_attempt a
WHERE a.state IN ('OPENING', 'AWAITING_CUSTOMER')
  AND a.expire_time < app_clock() - interval '{MAX_PAGE_LATE_S} seconds'
UNION ALL
SELECT s.ext_order_id, 'a stray order is not cancelled yet', 0.0
FROM stray_order s WHERE s.next_step_at < app_clock() - interval '{MAX_STUCK_S} seconds'
UNION ALL
SELECT r.id::text, 'nobody takes the next step of a refund', 0.0
FROM refund r WHERE r.next_step_at < app_clock() - interval '{MAX_STUCK_S} seconds'"""  # noqa: S608 - constants of ours

_BUYER_FORGOTTEN = """
SELECT ext_order_id AS subject, 'the buyer is still kept in ' || state AS detail,
       NULL::double precision AS age_seconds
FROM payment_attempt
WHERE opening IS NOT NULL AND state NOT IN ('OPENING', 'CANCELLING')"""


def checks() -> list[Check]:
    """Give payment's own checks and the chassis's."""
    return [
        Check("every journal entry sums to zero", "I2", _ENTRIES_BALANCE),
        Check("every captured unit is on the books", "I3", _CAPTURES_ACCOUNTED),
        Check("the books explain all that was taken", "I3", _ALL_EXPLAINED),
        Check("money without a sale is a named exception", "I3", _EXCEPTIONS_NAMED),
        Check("every refund is owed until it is paid", "I3", _REFUNDS_PAID),
        Check("refunds and vouchers never pass what was captured", "I6", _BUDGET),
        Check("nothing is captured without a grant", "I4", _NO_CAPTURE_WITHOUT_GRANT),
        Check("no payment is stuck", "I3", _STUCK),
        Check("the buyer's data is not kept", "I13", _BUYER_FORGOTTEN, DEFAULT_SETTLE_S),
        *chassis_checks(),
    ]
