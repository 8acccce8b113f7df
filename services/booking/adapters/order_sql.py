"""The statements of orders. Each write of an order is one statement, whatever it touches."""

# JSON travels as text, so that no codec of the driver has a say in it.
# One round trip gives everything that a move of an order may need. Every one of these rows is
# written together with the order's, so that one statement sees them at one version.
_COLUMNS = """
SELECT o.screening_id, o.id, o.number, o.hold_id, o.owner, o.account_id, o.channel, o.state,
    o.currency, o.total, o.money_due, o.gtc_version, o.otc_version, o.accepted_at,
    o.policy::text AS policy, o.screening::text AS screening, o.return_url, o.redirect_url, o.request_id, o.created_at, o.expires_at, o.version,
    o.event_version, app_clock() AS read_at,
    c.first_name, c.last_name, c.email, c.language, c.ip_address,
    (SELECT json_agg(json_build_array(l.seat_id, l.row_name, l.seat_number, l.area, l.ticket_type,
            l.proof, l.price, l.supplement, l.service_fee, l.position) ORDER BY l.position)
     FROM order_line l WHERE l.screening_id = o.screening_id AND l.order_id = o.id)::text AS lines,
    (SELECT json_agg(json_build_array(a.position, a.part, a.leg, a.amount)
                     ORDER BY a.position, a.part, a.leg)
     FROM order_allocation a
     WHERE a.screening_id = o.screening_id AND a.order_id = o.id)::text AS allocations,
    (SELECT json_agg(json_build_array(g.name, g.kind, g.state, g.attempt, g.amount, g.card_id,
            g.seat_ids, g.retries, g.last_error) ORDER BY g.name)
     FROM order_leg g WHERE g.screening_id = o.screening_id AND g.order_id = o.id)::text AS legs,
    (SELECT json_agg(json_build_array(d.attempt, d.refusal))
     FROM payment_decision d
     WHERE d.screening_id = o.screening_id AND d.order_id = o.id)::text AS decisions,
    (SELECT json_build_array(r.id, r.kind, r.state, r.amount, r.last_screening_date,
            r.requested_at, r.budget_taken, r.voucher_id, r.retries, r.last_error)
     FROM remedy r WHERE r.screening_id = o.screening_id AND r.order_id = o.id)::text AS remedy"""
_TIMELINE = """,
    (SELECT json_agg(json_build_array(t.time, t.what, t.detail) ORDER BY t.version, t.position)
     FROM order_timeline t WHERE t.screening_id = o.screening_id AND t.order_id = o.id)::text AS timeline
"""
_FROM = """
FROM customer_order o
LEFT JOIN order_contact c ON c.screening_id = o.screening_id AND c.order_id = o.id
WHERE o.id = $1"""

READ = f"{_COLUMNS}{_FROM}"
READ_WITH_TIMELINE = f"{_COLUMNS}{_TIMELINE}{_FROM}"
LOCK = "SELECT state FROM customer_order WHERE id = $1 FOR UPDATE"

# The hold's row decides: its update waits for whoever has it and is then judged anew, and the
# clock is read after it. A claim that exists breaks the unique key, and with it everything.
PLACE = """
WITH bound AS (
    UPDATE hold SET state = 'ORDERED', order_id = $2
    WHERE screening_id = $1 AND id = $3 AND owner = $4 AND state = 'ACTIVE'
      AND expires_at > app_clock()
      AND expires_at >= app_clock() + make_interval(secs => $5::float8)
    RETURNING expires_at, app_clock() AS now
), claim AS (
    INSERT INTO request (principal, method, request_id, fingerprint, work_id)
    SELECT $4, $6, $7::uuid, $8::bytea, $2 FROM bound
), placed AS (
    INSERT INTO customer_order (screening_id, id, number, hold_id, owner, account_id, channel,
        state, currency, total, money_due, gtc_version, otc_version, accepted_at, policy,
        screening, return_url, request_id, created_at, expires_at, next_step_at, event_version)
    SELECT $1, $2, $9, $3, $4, $10::uuid, $11, 'PLACED', $12, $13::bigint, $14::bigint, $15, $16,
        now, $17::text::jsonb, $18::text::jsonb, $19, $7, now, expires_at,
        now + make_interval(secs => $20::float8 / 1000), 1
    FROM bound
), contact AS (
    INSERT INTO order_contact (screening_id, order_id, first_name, last_name, email, language,
        ip_address)
    SELECT $1, $2, $21, $22, $23, $24, $25 FROM bound
), lines AS (
    INSERT INTO order_line (screening_id, order_id, position, seat_id, row_name, seat_number, area,
        ticket_type, proof, price, supplement, service_fee)
    SELECT $1, $2, l.* FROM bound, json_to_recordset($26::text::json) AS l (position integer,
        seat_id text, row_name text, seat_number text, area text, ticket_type text, proof text,
        price bigint, supplement bigint, service_fee bigint)
), allocations AS (
    INSERT INTO order_allocation (screening_id, order_id, position, part, leg, amount)
    SELECT $1, $2, a.* FROM bound, json_to_recordset($27::text::json)
        AS a (position integer, part text, leg text, amount bigint)
), legs AS (
    INSERT INTO order_leg (screening_id, order_id, name, kind, state, attempt, amount, card_id,
        seat_ids)
    SELECT $1, $2, g.* FROM bound, json_to_recordset($28::text::json) AS g (name text, kind text,
        state text, attempt integer, amount bigint, card_id uuid, seat_ids text[])
), noted AS (
    INSERT INTO order_timeline (screening_id, order_id, version, position, time, what, detail)
    SELECT $1, $2, 1, 1, now, 'ORDER_PLACED', '' FROM bound
), told AS (
    INSERT INTO outbox (id, type, aggregate_id, aggregate_version, payload, correlation_id,
        traceparent)
    SELECT $29::uuid, $30, ($2::uuid)::text, 1, $31::bytea, $32, $33 FROM bound
)
SELECT now, expires_at FROM bound"""

_MOVE = """
    UPDATE customer_order
    SET state = $4, redirect_url = $5, event_version = $6, version = version + 1,
        next_step_at = app_clock()
            + make_interval(secs => $7::float8 / 1000 * (0.75 + random() / 2))"""
_LEGS_AND_TIMELINE = """
), legs AS (
    UPDATE order_leg AS leg
    SET state = new.state, attempt = new.attempt, retries = new.retries,
        last_error = new.last_error
    FROM moved, json_to_recordset($8::text::json)
        AS new (name text, state text, attempt integer, retries integer, last_error text)
    WHERE leg.screening_id = $1 AND leg.order_id = $2 AND leg.name = new.name
), noted AS (
    INSERT INTO order_timeline (screening_id, order_id, version, position, time, what, detail)
    SELECT $1, $2, moved.version, entry.position, moved.now, entry.what, entry.detail
    FROM moved, unnest($9::text[], $10::text[]) WITH ORDINALITY AS entry (what, detail, position)"""
_MOVED = f"""
WITH moved AS ({_MOVE}
    WHERE screening_id = $1 AND id = $2 AND version = $3
    RETURNING version, app_clock() AS now{_LEGS_AND_TIMELINE}
), decided AS (
    INSERT INTO payment_decision (screening_id, order_id, attempt, decision, refusal, decided_at)
    SELECT $1, $2, new.attempt, CASE WHEN new.refusal IS NULL THEN 'GRANT' ELSE 'REFUSE' END,
        new.refusal, moved.now
    FROM moved, unnest($11::integer[], $12::text[]) AS new (attempt, refusal)
), told AS (
    INSERT INTO outbox (id, type, aggregate_id, aggregate_version, payload, correlation_id,
        traceparent)
    SELECT event.id, event.type, ($2::uuid)::text, event.version, event.payload, $17, $18
    FROM moved, unnest($13::uuid[], $14::text[], $15::bigint[], $16::bytea[])
        AS event (id, type, version, payload)
), answered AS (
    UPDATE request SET answer = $22
    WHERE principal = $19 AND method = $20 AND request_id = $21 AND answer IS NULL
      AND EXISTS (SELECT FROM moved)
)"""  # noqa: S608 - constants of ours

# The board's row is taken first, the clock is read after it, and then each seat must still be the
# hold's. The seats' places on the board never change and may be read before. When anything is not
# as it must be, the decision has no value, which its column refuses: then nothing happened at all.
SAVE_GRANTED = f"""
WITH board AS (
    UPDATE screening_board
    SET revision = revision + 1, seat_states = with_seat_states(seat_states, ARRAY(
        SELECT seat_index FROM seat_claim
        WHERE screening_id = $1 AND hold_id = $11 AND state = 'HELD'), 3)
    WHERE screening_id = $1 AND sales_state = 'ON_SALE'
    RETURNING app_clock() AS now
), moved AS ({_MOVE}
    FROM board
    WHERE screening_id = $1 AND id = $2 AND version = $3 AND expires_at > board.now
    RETURNING version, board.now{_LEGS_AND_TIMELINE}
), sold AS (
    UPDATE seat_claim SET state = 'SOLD', order_id = $2, expires_at = NULL
    FROM moved
    WHERE screening_id = $1 AND hold_id = $11 AND state = 'HELD' AND expires_at > moved.now
    RETURNING seat_id
)
INSERT INTO payment_decision (screening_id, order_id, attempt, decision, decided_at)
SELECT $1, $2, $12, CASE WHEN (SELECT count(*) FROM sold) = $13 THEN 'GRANT' END,
    (SELECT now FROM moved)
RETURNING (SELECT version FROM moved) AS version"""  # noqa: S608 - constants of ours
_REMEDY = """, remedied AS (
    INSERT INTO remedy (screening_id, order_id, id, kind, state, currency, amount,
        last_screening_date, requested_at, budget_taken, voucher_id, retries, last_error)
    SELECT $1, $2, $23::uuid, $24, $25, $26, $27::bigint, $28::date, $29::timestamptz, $30::boolean,
        $31::uuid, $32::integer, $33 FROM moved
    ON CONFLICT (screening_id, order_id) DO UPDATE
    SET state = excluded.state, budget_taken = excluded.budget_taken,
        voucher_id = excluded.voucher_id, retries = excluded.retries,
        last_error = excluded.last_error
)"""
_TICKETS = """, tickets AS (
    INSERT INTO ticket (screening_id, id, order_id, number, seat_id, row_name, seat_number,
        ticket_type, proof, state, qr_payload, created_at)
    SELECT $1, new.id, $2, new.number, new.seat_id, new.row_name, new.seat_number,
        new.ticket_type, new.proof, 'VALID', new.qr_payload, moved.now
    FROM moved, unnest($27::uuid[], $28::text[], $29::text[], $30::text[], $31::text[], $32::text[],
        $33::text[], $34::bytea[]) AS new (id, number, seat_id, row_name, seat_number, ticket_type,
        proof, qr_payload)
)"""
_MAIL = """, mailed AS (
    INSERT INTO mail (id, key, kind, recipient, facts)
    SELECT VALUES_OF_THE_MAIL, jsonb_build_object('order_id', ($2::uuid)::text)
    FROM moved
    ON CONFLICT (key) DO NOTHING
)"""
_VERSION = "\nSELECT version FROM moved"


def _mail(first: int) -> str:
    """Write the queue's row, its values from the given number on; once for each key."""
    values = f"${first + 3}::uuid, ${first}, ${first + 1}, ${first + 2}"
    return _MAIL.replace("VALUES_OF_THE_MAIL", values)


SAVE = f"{_MOVED}{_VERSION}"
SAVE_WITH_REMEDY = f"{_MOVED}{_REMEDY}{_VERSION}"
# Numbered so that an order's own values come first, then the e-mail's, then the tickets'.
SAVE_CONFIRMED = f"{_MOVED}{_mail(23)}{_TICKETS}{_VERSION}"
SAVE_REMEDY_GIVEN = f"{_MOVED}{_REMEDY}{_mail(34)}{_VERSION}"

DROP_CLAIM = """
DELETE FROM request WHERE principal = $1 AND request_id = $2 AND work_id = $3 AND answer IS NULL"""

NEWER_ORDER = """
SELECT EXISTS (
    SELECT FROM customer_order WHERE screening_id = $1 AND owner = $2 AND id <> $3
    AND created_at > $4 AND state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED'))"""

TICKETS = """
SELECT id, number, seat_id, row_name, seat_number, ticket_type, proof, qr_payload, created_at
FROM ticket WHERE screening_id = $1 AND order_id = $2 ORDER BY number OFFSET $3 LIMIT $4"""

# The lease keeps other processes away for a while; it ends with the order's next write.
TAKE_DUE = """
UPDATE customer_order SET next_step_at = app_clock() + make_interval(secs => $2::float8 / 1000)
WHERE (screening_id, id) IN (
    SELECT screening_id, id FROM customer_order WHERE next_step_at <= (SELECT app_clock())
    ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id"""

EXPIRED = """
SELECT screening_id, id FROM customer_order
WHERE state IN ('PLACED', 'AWAITING_PAYMENT') AND expires_at <= (SELECT app_clock())
ORDER BY expires_at LIMIT $1"""
