"""What payment did about an order, told for customer service."""

# Nothing of it is personal: amounts, attempts, reasons by name. Events are kept for two weeks.
STORY = """
WITH p AS (
    SELECT id, create_time, currency, amount, is_tombstone FROM payment
    WHERE reference_id = $1 AND owner = 'booking'
)
SELECT create_time AS time,
    CASE WHEN is_tombstone THEN 'PAYMENT_GIVEN_UP' ELSE 'PAYMENT_CREATED' END AS what,
    coalesce(amount || ' ' || currency, '') AS detail, '' AS correlation_id
FROM p
UNION ALL
SELECT a.decision_time, CASE a.decision WHEN 'GRANT' THEN 'ATTEMPT_GRANTED' ELSE 'ATTEMPT_REFUSED' END,
    a.number || coalesce(' ' || a.refusal_reason, ''), ''
FROM payment_attempt a JOIN p ON p.id = a.payment_id WHERE a.decision_time IS NOT NULL
UNION ALL
SELECT a.capture_sent_time, 'CAPTURE_SENT', a.number::text, ''
FROM payment_attempt a JOIN p ON p.id = a.payment_id WHERE a.capture_sent_time IS NOT NULL
UNION ALL
SELECT e.occur_time, 'BOOKED', e.kind || coalesce((
        SELECT ' ' || sum(l.amount) || ' ' || l.currency FROM journal_posting l
        WHERE l.entry_id = e.id AND l.amount > 0 GROUP BY l.currency LIMIT 1), ''), ''
FROM journal_entry e JOIN p ON p.id = e.payment_id
UNION ALL
SELECT r.create_time, 'REFUND_REQUESTED', concat_ws(' ', r.amount, r.currency, r.reason,
        CASE WHEN r.state <> 'COMPLETED' THEN 'now ' || r.state END, nullif(r.failure_code, '')), ''
FROM refund r JOIN p ON p.id = r.payment_id
UNION ALL
SELECT r.complete_time, 'REFUND_COMPLETED', r.amount || ' ' || r.currency, ''
FROM refund r JOIN p ON p.id = r.payment_id WHERE r.complete_time IS NOT NULL
UNION ALL
SELECT s.spend_time, 'BUDGET_SPENT', s.amount || ' ' || s.currency, ''
FROM spending s JOIN p ON p.id = s.payment_id
UNION ALL
SELECT c.open_time, 'PUT_ASIDE', concat_ws(' ', c.cause, c.attempt_number), ''
FROM exception_case c JOIN p ON p.id = c.payment_id
UNION ALL
SELECT c.resolve_time, 'EXCEPTION_ENDED', c.cause, ''
FROM exception_case c JOIN p ON p.id = c.payment_id WHERE c.resolve_time IS NOT NULL
UNION ALL
SELECT o.occur_time, 'EVENT', o.type, o.correlation_id
FROM outbox o JOIN p ON o.aggregate_id = p.id::text"""
