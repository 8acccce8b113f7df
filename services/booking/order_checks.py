"""What must always be true of orders, for `make verify`: money, tickets, decisions, endings."""

from services.common.db.checks import Check

# The statement reads one snapshot, and each move of an order is one statement: no exceptions.
_LINES_ADD_UP = """
SELECT format('order %s', id) AS subject,
       format('total %s of lines %s, due %s of allocations %s, other tenders %s', total, lines,
              money_due, money, others) AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT o.id, o.total, o.money_due,
        (SELECT coalesce(sum(price + supplement + service_fee), 0) FROM order_line l
         WHERE l.screening_id = o.screening_id AND l.order_id = o.id) AS lines,
        (SELECT coalesce(sum(amount), 0) FROM order_allocation a WHERE a.leg = 'payment'
         AND a.screening_id = o.screening_id AND a.order_id = o.id) AS money,
        (SELECT coalesce(sum(amount), 0) FROM order_allocation a WHERE a.leg <> 'payment'
         AND a.screening_id = o.screening_id AND a.order_id = o.id) AS others
      FROM customer_order o) sums
WHERE total <> lines OR money_due <> money OR money + others <> total"""

_PARTS_ADD_UP = """
SELECT format('order %s line %s', l.order_id, l.position) AS subject,
       'its allocations are not its parts' AS detail, NULL::double precision AS age_seconds
FROM order_line l
LEFT JOIN (
    SELECT screening_id, order_id, position,
           sum(amount) FILTER (WHERE part = 'PRICE') AS price,
           sum(amount) FILTER (WHERE part = 'SUPPLEMENT') AS supplement,
           sum(amount) FILTER (WHERE part = 'SERVICE_FEE') AS service_fee
    FROM order_allocation GROUP BY screening_id, order_id, position
) a USING (screening_id, order_id, position)
WHERE l.price <> coalesce(a.price, 0) OR l.supplement <> coalesce(a.supplement, 0)
   OR l.service_fee <> coalesce(a.service_fee, 0)"""

# What columns would refuse by themselves, were the documents tables.
_LINES_AND_LEGS_ARE_WHOLE = """
SELECT format('order %s line %s', order_id, position) AS subject, 'no such line' AS detail,
       NULL::double precision AS age_seconds
FROM order_line
WHERE (seat_id <> '' AND ticket_type <> '' AND price >= 0 AND supplement >= 0 AND service_fee >= 0
       AND coalesce(regular_price > price, true) AND (package = '') = (package_number = 0))
      IS NOT TRUE
UNION ALL
SELECT format('order %s line %s', order_id, position), format('%s pays %s of %s', leg, amount, part),
       NULL
FROM order_allocation
WHERE (amount > 0 AND leg <> '' AND part IN ('PRICE', 'SUPPLEMENT', 'SERVICE_FEE')) IS NOT TRUE
UNION ALL
SELECT format('order %s leg %s', order_id, name), format('a %s that is %s', kind, state), NULL
FROM order_leg
WHERE (attempt BETWEEN 1 AND 20
       AND state IN ('PENDING', 'OPEN', 'COMMITTED', 'DONE', 'FAILED', 'UNDOING', 'UNDONE')
       AND CASE kind WHEN 'PLACES' THEN amount IS NULL AND card_id IS NOT NULL
                          AND voucher_id IS NULL AND cardinality(seat_ids) > 0
                     WHEN 'PAYMENT' THEN amount > 0 AND card_id IS NULL AND voucher_id IS NULL
                     WHEN 'TILL' THEN amount > 0 AND card_id IS NULL AND voucher_id IS NULL
                     WHEN 'VOUCHER' THEN amount > 0 AND card_id IS NULL AND voucher_id IS NOT NULL
                     WHEN 'REFUND' THEN amount > 0 AND card_id IS NULL AND voucher_id IS NULL
                          AND state IN ('PENDING', 'COMMITTED', 'DONE', 'FAILED')
           END) IS NOT TRUE"""

_LEGS_CARRY_WHAT_IS_DUE = """
SELECT format('order %s', o.id) AS subject,
       format('due %s, payment leg %s', o.money_due, coalesce(g.amount::text, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o
LEFT JOIN order_leg g
       ON g.screening_id = o.screening_id AND g.order_id = o.id AND g.kind IN ('PAYMENT', 'TILL')
WHERE o.money_due <> coalesce(g.amount, 0)
UNION ALL
SELECT format('order %s seat %s', l.order_id, l.seat_id), 'a place pays it in no leg, or in two',
       NULL
FROM order_line l
WHERE (SELECT count(DISTINCT a.leg) FROM order_allocation a
       WHERE a.screening_id = l.screening_id AND a.order_id = l.order_id
         AND a.position = l.position AND a.leg LIKE 'places-%')
   <> (SELECT count(*) FROM order_leg g
       WHERE g.screening_id = l.screening_id AND g.order_id = l.order_id
         AND l.seat_id = ANY (g.seat_ids)
         AND (l.price > 0 OR l.supplement > 0))
UNION ALL
SELECT format('order %s leg %s', g.order_id, g.name),
       format('its voucher pays %s of lines, the leg says %s', coalesce(a.amount, 0), g.amount),
       NULL
FROM order_leg g
LEFT JOIN (SELECT screening_id, order_id, leg, sum(amount) AS amount
           FROM order_allocation GROUP BY screening_id, order_id, leg) a
       ON a.screening_id = g.screening_id AND a.order_id = g.order_id AND a.leg = g.name
WHERE g.kind = 'VOUCHER' AND g.amount <> coalesce(a.amount, 0)"""

_NO_TICKET_UNPAID = """
SELECT format('ticket %s', t.number) AS subject,
       format('%s, and its order is %s', t.state, coalesce(o.state, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM ticket t
LEFT JOIN customer_order o ON o.screening_id = t.screening_id AND o.id = t.order_id
WHERE (CASE o.state WHEN 'CONFIRMED' THEN t.state <> 'CANCELLED'
                    WHEN 'CANCELLED' THEN t.state = 'CANCELLED' END) IS NOT TRUE
UNION ALL
SELECT format('order %s', o.id), format('CONFIRMED, and its leg %s is %s', g.name, g.state), NULL
FROM customer_order o
JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id
WHERE o.state = 'CONFIRMED' AND g.state <> 'DONE' AND g.kind <> 'REFUND'
  AND NOT (g.kind <> 'PAYMENT' AND g.state IN ('UNDOING', 'UNDONE')
           AND EXISTS (SELECT FROM remedy r
                       WHERE r.screening_id = o.screening_id AND r.order_id = o.id))
UNION ALL
SELECT format('order %s', o.id), format('%s without a grant of its attempt', o.state), NULL
FROM customer_order o
JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id AND g.kind = 'PAYMENT'
WHERE o.state IN ('COMPLETING', 'CONFIRMED', 'CANCELLED') AND NOT EXISTS (
    SELECT FROM payment_decision d
    WHERE d.screening_id = o.screening_id AND d.order_id = o.id AND d.attempt = g.attempt
      AND d.decision = 'GRANT')"""

_A_TICKET_FOR_EACH_SEAT = """
SELECT format('order %s', o.id) AS subject,
       format('%s tickets for %s seats', tickets, line_count) AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o,
    LATERAL (SELECT count(*) AS tickets FROM ticket t
             WHERE t.screening_id = o.screening_id AND t.order_id = o.id) t,
    LATERAL (SELECT count(*) AS line_count FROM order_line l
             WHERE l.screening_id = o.screening_id AND l.order_id = o.id) l
WHERE tickets <> CASE WHEN o.state IN ('CONFIRMED', 'CANCELLED') THEN line_count ELSE 0 END
UNION ALL
SELECT format('ticket %s', t.number), format('the seat is %s', coalesce(c.state, 'free')), NULL
FROM ticket t
LEFT JOIN seat_claim c ON c.screening_id = t.screening_id AND c.seat_id = t.seat_id
WHERE t.state <> 'CANCELLED' AND (c.state IS DISTINCT FROM 'SOLD' OR c.order_id <> t.order_id)
  AND NOT EXISTS (SELECT FROM customer_order o WHERE o.screening_id = t.screening_id
                    AND o.id = t.order_id AND (o.moved -> 'seats')::text = '{}')"""

_SOLD_SEATS_HAVE_THEIR_ORDER = """
SELECT format('%s %s', c.screening_id, c.seat_id) AS subject,
       format('SOLD, and its order is %s', coalesce(o.state, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM seat_claim c
LEFT JOIN customer_order o ON o.screening_id = c.screening_id AND o.id = c.order_id
WHERE c.state = 'SOLD' AND (o.state IS NULL OR o.state NOT IN ('COMPLETING', 'CONFIRMED'))
UNION ALL
SELECT format('order %s', o.id), format('%s, with %s of %s seats', o.state, seats, line_count), NULL
FROM customer_order o,
    LATERAL (SELECT count(*) AS seats FROM seat_claim c
             WHERE c.screening_id = o.screening_id AND c.order_id = o.id AND c.state = 'SOLD') c,
    LATERAL (SELECT count(*) AS line_count FROM order_line l
             WHERE l.screening_id = o.screening_id AND l.order_id = o.id) l
WHERE o.state IN ('COMPLETING', 'CONFIRMED') AND seats <> line_count
  AND ((o.moved -> 'seats')::text = '{}') IS NOT TRUE"""

# Those for whom another hall had no seats are cancelled in a moment; nothing is sold until then.
_UNSEATED_ARE_CANCELLED = """
SELECT format('order %s', o.id) AS subject, 'CONFIRMED, and has no seats since a move' AS detail,
       0::double precision AS age_seconds
FROM customer_order o
WHERE o.state = 'CONFIRMED' AND (o.moved -> 'seats')::text = '{}'
UNION ALL
SELECT format('screening %s', screening_id), 'its seats are still to be moved to another hall', 0
FROM screening_board WHERE sales_state = 'MOVING'
UNION ALL
SELECT format('ticket %s', t.number), format('seat %s, of which its order knows nothing', t.seat_id),
       NULL
FROM customer_order o
JOIN ticket t ON t.screening_id = o.screening_id AND t.order_id = o.id
WHERE o.moved IS NOT NULL AND (o.moved -> 'seats')::text <> '{}' AND t.state <> 'CANCELLED'
  AND NOT EXISTS (SELECT FROM json_each(o.moved -> 'seats') AS seat WHERE seat.value ->> 0 = t.seat_id)"""

_HOLDS_AGREE = """
SELECT format('order %s', o.id) AS subject,
       format('%s, and its hold is %s', o.state, coalesce(h.state, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o
LEFT JOIN hold h ON h.screening_id = o.screening_id AND h.id = o.hold_id
WHERE CASE WHEN o.state IN ('PLACED', 'AWAITING_PAYMENT')
           THEN h.state IS DISTINCT FROM 'ORDERED' OR h.order_id IS DISTINCT FROM o.id
             OR h.expires_at <> o.expires_at OR h.extended_by_s <> o.extended_by_s
           WHEN o.state IN ('EXPIRED', 'ABANDONED', 'CANCELLED')
           THEN h.state IS NOT NULL AND h.state NOT IN ('EXPIRED', 'RELEASED')
           ELSE false END
UNION ALL
SELECT format('hold %s', h.id), 'ORDERED without its order', NULL
FROM hold h
WHERE h.state = 'ORDERED' AND NOT EXISTS (
    SELECT FROM customer_order o WHERE o.screening_id = h.screening_id AND o.id = h.order_id)"""

_REQUESTS_HAVE_THEIR_ORDER = """
SELECT request_id::text AS subject, 'its order is missing' AS detail,
       NULL::double precision AS age_seconds
FROM request
WHERE method = '/cinema.booking.v1.BookingService/PlaceOrder' AND work_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM customer_order o WHERE o.id = work_id)
UNION ALL
SELECT request_id::text,
       format('%s orders for one request: %s', count(*), string_agg(id::text, ', ')), NULL
FROM customer_order WHERE state <> 'REFUSED' GROUP BY owner, request_id HAVING count(*) > 1"""

_DECIDED_ONCE = """
SELECT format('order %s', order_id) AS subject,
       format('attempt %s is decided %s times: %s', attempt, count(*),
              string_agg(decision, ', ' ORDER BY decided_at)) AS detail,
       NULL::double precision AS age_seconds
FROM payment_decision GROUP BY screening_id, order_id, attempt HAVING count(*) > 1
UNION ALL
SELECT format('order %s', order_id), format('%s of its attempts are granted', count(*)), NULL
FROM payment_decision WHERE decision = 'GRANT'
GROUP BY screening_id, order_id HAVING count(DISTINCT attempt) > 1"""

_REMEDIES = """
SELECT format('remedy %s', r.id) AS subject,
       format('%s of %s in tickets and supplements', r.amount, money) AS detail,
       NULL::double precision AS age_seconds
FROM remedy r,
    LATERAL (SELECT coalesce(sum(a.amount), 0) AS money FROM order_allocation a
             WHERE a.screening_id = r.screening_id AND a.order_id = r.order_id
               AND a.leg = 'payment' AND a.part <> 'SERVICE_FEE') paid
WHERE r.amount <> money
UNION ALL
SELECT format('remedy %s', r.id), format('its order is %s', coalesce(o.state, 'missing')), NULL
FROM remedy r
LEFT JOIN customer_order o ON o.screening_id = r.screening_id AND o.id = r.order_id
WHERE o.state IS NULL OR o.state NOT IN ('CONFIRMED', 'CANCELLED')"""

_ONE_MAIL_EACH = """
SELECT format('order %s', id) AS subject, 'confirmed without its e-mail' AS detail,
       NULL::double precision AS age_seconds
FROM customer_order o
WHERE state = 'CONFIRMED' AND channel <> 'BOX_OFFICE' AND created_at > app_clock() - interval '1 day'
  AND NOT starts_with(owner, 'erased:')
  AND NOT EXISTS (SELECT FROM mail WHERE key = 'order-confirmed:' || o.id)"""

# Times of orders are by a clock that a test may move: what is late is read again for a while.
_NOTHING_IS_STUCK = """
SELECT format('order %s', id) AS subject,
       format('unpaid and past its deadline %s', expires_at) AS detail,
       0::double precision AS age_seconds
FROM customer_order
WHERE state IN ('PLACED', 'AWAITING_PAYMENT') AND expires_at <= app_clock()
UNION ALL
SELECT format('order %s', o.id), format('%s, next step due %s', o.state, o.next_step_at), 0
FROM customer_order o
WHERE o.next_step_at < app_clock() - interval '30 seconds'
UNION ALL
SELECT format('order %s', o.id), format('%s, leg %s %s after %s tries (%s)', o.state, g.name,
       g.state, g.retries, g.last_error), 0
FROM customer_order o
JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id
WHERE CASE g.kind WHEN 'REFUND' THEN g.state = 'PENDING' AND o.channel <> 'BOX_OFFICE'
                  ELSE g.state IN ('COMMITTED', 'UNDOING')
                    OR (g.state = 'PENDING' AND o.state = 'PLACED') END
UNION ALL
SELECT format('order %s', o.id), o.state || ', and nobody comes back to it', NULL
FROM customer_order o
WHERE o.next_step_at IS NULL AND o.state IN ('COMPLETING')
UNION ALL
SELECT format('remedy %s', id), format('REQUESTED, budget taken: %s', budget_taken), 0
FROM remedy WHERE state = 'REQUESTED'"""


def order_checks() -> list[Check]:
    """Give the checks of orders."""
    return [
        Check("orders cost what their lines cost", "I3", _LINES_ADD_UP),
        Check("every part of a line is paid exactly", "I3", _PARTS_ADD_UP),
        Check("lines and legs are whole", "I10", _LINES_AND_LEGS_ARE_WHOLE),
        Check("legs carry what is due", "I3", _LEGS_CARRY_WHAT_IS_DUE),
        Check("no ticket without its payment", "I4", _NO_TICKET_UNPAID),
        Check("a ticket for each seat of a confirmed order", "I4", _A_TICKET_FOR_EACH_SEAT),
        Check("sold seats belong to paid orders", "I11", _SOLD_SEATS_HAVE_THEIR_ORDER),
        Check("moved orders have their seats or end", "I1", _UNSEATED_ARE_CANCELLED),
        Check("orders and holds agree", "I11", _HOLDS_AGREE),
        Check("one order for each request", "I9", _REQUESTS_HAVE_THEIR_ORDER),
        Check("an authorisation is decided once", "I4", _DECIDED_ONCE),
        Check("remedies give tickets back and no fee", "I6", _REMEDIES),
        Check("every confirmation has its e-mail", "I7", _ONE_MAIL_EACH),
        Check("no order is stuck", "I17", _NOTHING_IS_STUCK),
    ]
