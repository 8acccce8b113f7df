"""The statements of the doors. A ticket's row decides who is first."""

from services.common.db.audit import audit_ctes
from services.common.db.outbox import OUTBOX_COLUMNS

_TICKET = """
t.id, t.screening_id, t.number, t.seat_id, t.row_name, t.seat_number, t.ticket_type, t.proof,
t.holder_checked, t.state"""

# The record that decided the ticket, and what this device's request recorded before, if anything.
FIND = f"""
SELECT {_TICKET}, t.order_id, coalesce(o.state, '') AS order_state,
    coalesce(o.channel, '') AS channel, coalesce(board.facts_version, 0) AS facts_version,
    app_clock() AS now, to_json(decided)::text AS decided, to_json(earlier)::text AS earlier
FROM ticket t
LEFT JOIN customer_order o ON o.screening_id = t.screening_id AND o.id = t.order_id
LEFT JOIN screening_board board ON board.screening_id = t.screening_id
LEFT JOIN admission decided
    ON decided.screening_id = t.screening_id AND decided.id = t.admission_id
LEFT JOIN admission earlier
    ON earlier.screening_id = t.screening_id AND earlier.device_id = $3
   AND earlier.request_id = $4
WHERE t.screening_id = $1 AND t.id = $2"""  # noqa: S608 - constants of ours

# The ticket's update waits for whoever has its row and is then judged anew. Only what the update
# gives is recorded and told. A request that recorded already breaks its unique index, and with it
# everything. The order's ID is put behind the event's other fields as the wire has it.
RECORD = f"""
WITH seen AS ({FIND}), moved AS (
    UPDATE ticket
    SET state = coalesce($5::text, ticket.state),
        admission_id = CASE WHEN $5::text IS NULL THEN ticket.admission_id ELSE $6::uuid END
    FROM seen
    WHERE ticket.screening_id = $1 AND ticket.id = $2 AND ticket.state = ANY($7::text[])
      AND seen.earlier IS NULL AND (seen.order_state = 'CONFIRMED' OR $14::text = 'CONFLICT')
      AND ($8::bigint IS NULL OR seen.facts_version = $8) AND $9::boolean
      AND app_clock() >= coalesce($10::timestamptz, '-infinity')
      AND app_clock() < coalesce($11::timestamptz, 'infinity')
      AND (ticket.proof = '' OR 'PROOF' = ANY($12::text[]))
      AND (NOT ticket.holder_checked OR 'HOLDER' = ANY($12::text[]))
    RETURNING seen.order_id, app_clock() AS now
), recorded AS (
    INSERT INTO admission (screening_id, id, ticket_id, kind, refusal, checks, cinema_id, hall_id,
        gate, device_id, staff_id, request_id, recorded_at, device_time, clock_skew_ms)
    SELECT $1, $6, $2, $14, $15::text, $13::text[], $16::text, $17::text, $18::text, $3,
        $19::text, $4, moved.now, $20::timestamptz, $21::bigint
    FROM moved
), told AS (
    INSERT INTO outbox ({OUTBOX_COLUMNS})
    SELECT $22::uuid, 'TicketAdmitted', $2::text, 1,
        $23::bytea || '\\x1224'::bytea || convert_to(moved.order_id::text, 'UTF8'), $24::text,
        $25::text
    FROM moved WHERE $23::bytea IS NOT NULL
), {audit_ctes(26, "EXISTS (SELECT FROM moved)")}
SELECT seen.*, moved.now AS recorded_at FROM seen LEFT JOIN moved ON true"""  # noqa: S608 - ours

LIST = """
SELECT to_json(a)::text AS admission FROM admission a
WHERE screening_id = $1 AND ($2::uuid IS NULL OR ticket_id = $2)
  AND ($3::timestamptz IS NULL OR (recorded_at, id) > ($3, $4::uuid))
ORDER BY recorded_at, id LIMIT $5"""

COUNTS = """
SELECT count(*) FILTER (WHERE state <> 'CANCELLED') AS tickets,
       count(*) FILTER (WHERE state = 'ADMITTED') AS admitted
FROM ticket WHERE screening_id = $1"""

MANIFEST = f"""
SELECT {_TICKET} FROM ticket t
WHERE t.screening_id = $1 AND ($2::uuid IS NULL OR t.id > $2) ORDER BY t.id LIMIT $3"""  # noqa: S608

ETAG = """
SELECT coalesce((SELECT facts_version FROM screening_board WHERE screening_id = $1), 0)
           AS facts_version,
       (SELECT md5(coalesce(string_agg(id::text || state, '' ORDER BY id), ''))
        FROM ticket WHERE screening_id = $1) AS tickets"""

ALL_DENIED = """
SELECT count(*) > 0 AND bool_and(state = 'DENIED' OR state = 'VALID' AND EXISTS (
    SELECT FROM admission a WHERE a.screening_id = ticket.screening_id
        AND a.ticket_id = ticket.id AND a.kind = 'DENIED')) AS all_denied
FROM ticket WHERE screening_id = $1 AND order_id = $2"""
