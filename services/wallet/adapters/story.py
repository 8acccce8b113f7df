"""What the wallet did about an order, told for customer service."""

# Nothing of it is personal: legs, counts, amounts. A step of several places is one line.
STORY = """
SELECT min(occur_time) AS time, 'PLACES_' || kind AS what, leg || ' ' || count(*) AS detail,
    '' AS correlation_id
FROM place_entry WHERE order_id = $1 GROUP BY leg, attempt, kind
UNION ALL
SELECT e.occur_time, 'VOUCHER_' || e.kind,
    e.leg || ' ' || greatest(abs(e.left_delta), abs(e.reserved_delta), abs(e.spent_delta))
        || ' ' || v.currency, ''
FROM voucher_entry e JOIN voucher v ON v.id = e.voucher_id WHERE e.order_id = $1
UNION ALL
SELECT occur_time, 'POINTS_' || kind,
    greatest(abs(pending_delta), abs(balance_delta), abs(debt_delta))::text, ''
FROM point_entry WHERE order_id = $1
UNION ALL
SELECT reserve_time, 'RELEASED_BEFORE_RESERVED', leg, ''
FROM reservation
WHERE order_id = $1 AND state = 'RELEASED' AND card_id IS NULL AND voucher_id IS NULL"""
