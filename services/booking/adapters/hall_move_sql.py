"""The statements that move the seats of a screening to another hall's plan, under the board's lock."""

PLAN = "SELECT seat_plan_id FROM screening_board WHERE screening_id = $1"

# Who has seats: the granted and confirmed, and who may still pay for them.
ORDERS = """
SELECT o.id, o.number, o.hold_id, o.currency, o.lines::text AS lines, o.moved::text AS moved,
    o.created_at, o.expires_at, o.state IN ('COMPLETING', 'CONFIRMED') AS is_paid,
    EXISTS (SELECT FROM ticket t WHERE t.screening_id = o.screening_id AND t.order_id = o.id
              AND t.state = 'ADMITTED') AS is_inside
FROM customer_order o
WHERE o.screening_id = $1
  AND (o.state IN ('COMPLETING', 'CONFIRMED')
       OR o.state IN ('PLACED', 'AWAITING_PAYMENT') AND o.expires_at > app_clock())
  AND (SELECT count(*) FROM seat_claim c
       WHERE c.screening_id = o.screening_id AND c.hold_id = o.hold_id)
    = json_array_length(o.lines)"""
COUNT_HOLDS = """
SELECT count(*)::integer AS holds FROM hold
WHERE screening_id = $1 AND state = 'ACTIVE' AND expires_at > app_clock()"""
HAS_COMPLETING = """
SELECT EXISTS (SELECT FROM customer_order WHERE screening_id = $1 AND state = 'COMPLETING')"""

# Whoever holds seats without an order chooses anew.
RELEASE_HOLDS = """
UPDATE hold SET state = 'RELEASED' WHERE screening_id = $1 AND state = 'ACTIVE' RETURNING id"""
DROP_CLAIMS = "DELETE FROM seat_claim WHERE screening_id = $1 AND state <> 'BLOCKED'"
CLAIM = """
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, order_id, expires_at)
SELECT $1, seat_id, seat_index, CASE WHEN order_id IS NULL THEN 'HELD' ELSE 'SOLD' END, hold_id,
    order_id, expires_at
FROM unnest($2::text[], $3::integer[], $4::uuid[], $5::uuid[], $6::timestamptz[])
    AS claim (seat_id, seat_index, hold_id, order_id, expires_at)"""
HOLDS = "SELECT id, seats FROM hold WHERE screening_id = $1 AND id = ANY($2::uuid[]) FOR UPDATE"
MOVE_HOLDS = """
UPDATE hold SET seats = moved.seats::jsonb
FROM unnest($2::uuid[], $3::text[]) AS moved (id, seats)
WHERE screening_id = $1 AND hold.id = moved.id"""

# A seat has one ticket at any time: first all of them leave theirs. Those that get none stay so
# until their order is cancelled.
LIFT_TICKETS = """
UPDATE ticket SET seat_id = '>' || seat_id WHERE screening_id = $1 AND state <> 'CANCELLED'"""
SEAT_TICKETS = """
UPDATE ticket SET seat_id = moved.seat_id, row_name = moved.row_name,
    seat_number = moved.seat_number
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
    AS moved (order_id, was, seat_id, row_name, seat_number)
WHERE screening_id = $1 AND ticket.order_id = moved.order_id AND ticket.seat_id = '>' || was
  AND state <> 'CANCELLED'"""

MOVE_ORDERS = """
UPDATE customer_order o
SET moved = moved_to.moved::json, version = version + 1,
    timeline = timeline || ('["' || app_clock() || '",' || moved_to.entries || ']')
FROM unnest($2::uuid[], $3::text[], $4::text[]) AS moved_to (id, moved, entries)
WHERE o.screening_id = $1 AND o.id = moved_to.id"""
WRITE_BOARD = """
UPDATE screening_board SET seat_plan_id = $2, seat_states = $3, revision = revision + 1,
    facts_version = facts_version + 1
WHERE screening_id = $1"""
RECORD = """
INSERT INTO screening_move (screening_id, version, old_seat_plan_id, seat_plan_id, hall_id,
    hall_name, moved_at, same_orders, other_orders, unseated, released_holds)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (screening_id, version) DO NOTHING"""
_MOVING = """
FROM screening_board board JOIN screening_copy copy USING (screening_id)
WHERE sales_state = 'MOVING'
  AND (copy.stale OR copy.seat_plan_id IS DISTINCT FROM board.seat_plan_id)"""
SOME_ARE_MOVING = f"(SELECT true {_MOVING} LIMIT 1)"
MOVING = f"""
SELECT board.screening_id {_MOVING}
LIMIT $1"""
UNSEATED = """
SELECT id FROM customer_order
WHERE screening_id = $1 AND id = ANY($2::uuid[]) AND state = 'CONFIRMED'
  AND json_typeof(moved -> 'seats') = 'object' AND (moved -> 'seats')::text = '{}'
  AND NOT EXISTS (SELECT FROM ticket t WHERE t.screening_id = $1
                    AND t.order_id = customer_order.id AND t.state = 'ADMITTED')
ORDER BY id"""
RESUME_SALES = """
UPDATE screening_board SET sales_state = 'ON_SALE', facts_version = facts_version + 1
WHERE screening_id = $1 AND sales_state = 'MOVING'"""
