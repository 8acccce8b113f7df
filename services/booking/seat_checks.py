"""What must always be true of seats, for `make verify`: boards, claims and holds agree (I1, I11)."""

from services.common.db.checks import Check

# The statement reads one snapshot, and boards, claims and holds change together: no exceptions.
_CLAIMS_ARE_ON_THE_BOARD = """
SELECT format('%s %s', claim.screening_id, seat_id) AS subject,
       format('claim %s, board %s', state, get_byte(seat_states, seat_index)) AS detail,
       NULL::double precision AS age_seconds
FROM seat_claim claim JOIN screening_board board USING (screening_id)
WHERE seat_index >= octet_length(seat_states)
   OR get_byte(seat_states, seat_index)
      <> CASE state WHEN 'HELD' THEN 2 WHEN 'SOLD' THEN 3 ELSE 4 END
UNION ALL
SELECT format('%s %s', screening_id, seat_id), 'a claim without a board', NULL
FROM seat_claim claim
WHERE NOT EXISTS (SELECT FROM screening_board board
                  WHERE board.screening_id = claim.screening_id)"""

# In hexadecimal each state is two digits of which the first is 0, so that '01' is FREE alone.
_THE_BOARD_HAS_NO_MORE = """
SELECT board.screening_id::text AS subject,
       format('%s seats taken on the board, %s claims', taken, claims) AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT screening_id,
             octet_length(replace(encode(seat_states, 'hex'), '01', '')) / 2 AS taken
      FROM screening_board) board
LEFT JOIN (SELECT screening_id, count(*) AS claims FROM seat_claim GROUP BY screening_id) claimed
       ON claimed.screening_id = board.screening_id
WHERE taken <> coalesce(claims, 0)"""

_ONE_CLAIM_PER_SEAT = """
SELECT format('%s seat %s', screening_id, seat_index) AS subject,
       format('%s claims, of %s', count(*),
              string_agg(coalesce('order ' || order_id, 'hold ' || hold_id, state), ', '))
           AS detail,
       NULL::double precision AS age_seconds
FROM seat_claim GROUP BY screening_id, seat_index HAVING count(*) > 1"""

_CLAIMS_HAVE_THEIR_HOLD = """
SELECT format('%s %s', claim.screening_id, seat_id) AS subject,
       format('claim %s, hold %s', claim.state, coalesce(hold.state, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM seat_claim claim
LEFT JOIN hold ON hold.screening_id = claim.screening_id AND hold.id = claim.hold_id
WHERE (claim.state = 'HELD' AND (hold.state IS NULL OR hold.state NOT IN ('ACTIVE', 'ORDERED')
                                 OR claim.expires_at <> hold.expires_at))
   OR (claim.state = 'SOLD' AND (hold.order_id IS DISTINCT FROM claim.order_id))"""

_LIVE_HOLDS_HAVE_THEIR_SEATS = """
SELECT format('%s hold %s', screening_id, id) AS subject,
       format('%s seats, %s claims', jsonb_array_length(seats), claims) AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT hold.*, (SELECT count(*) FROM seat_claim claim
                      WHERE claim.screening_id = hold.screening_id
                        AND claim.hold_id = hold.id) AS claims
      FROM hold WHERE state = 'ACTIVE' AND expires_at > app_clock()) live
WHERE claims <> jsonb_array_length(seats)"""

# How long in real time is not known: the clock of holds may be moved. So it has its settling time.
_LAPSED_HOLDS_END = """
SELECT format('%s hold %s', screening_id, id) AS subject,
       format('lapsed at %s and still ACTIVE', expires_at) AS detail,
       0::double precision AS age_seconds
FROM hold WHERE state = 'ACTIVE' AND expires_at <= app_clock()"""

_HOLDS_ANSWER_THEIR_REQUESTS = """
SELECT request_id::text AS subject, 'its hold is missing' AS detail,
       NULL::double precision AS age_seconds
FROM request
WHERE method = '/cinema.booking.v1.BookingService/HoldSeats'
  AND NOT EXISTS (SELECT FROM hold WHERE id = work_id)"""

_BLOCKS_ARE_CLAIMED = """
SELECT format('%s %s', block.screening_id, block.seat_id) AS subject,
       format('blocked by staff, its claim is %s', coalesce(claim.state, 'missing')) AS detail,
       NULL::double precision AS age_seconds
FROM seat_block block
LEFT JOIN seat_claim claim USING (screening_id, seat_id)
WHERE unblocked_at IS NULL AND claim.state IS DISTINCT FROM 'BLOCKED'
  AND EXISTS (SELECT FROM screening_board board WHERE board.screening_id = block.screening_id
                AND seat_plan_id IS NOT NULL)"""

_BLOCKS_ARE_AUDITED = """
SELECT format('%s %s', screening_id, seat_id) AS subject, 'blocked without an audit row' AS detail,
       NULL::double precision AS age_seconds
FROM seat_block
WHERE NOT EXISTS (SELECT FROM audit WHERE subject = screening_id::text
                    AND action = 'BlockSeats' AND audit.request_id = seat_block.request_id)"""


def seat_checks() -> list[Check]:
    """Give the checks of boards, claims and holds."""
    return [
        Check("a seat has at most one claim", "I1", _ONE_CLAIM_PER_SEAT),
        Check("every claim is on its board", "I1", _CLAIMS_ARE_ON_THE_BOARD),
        Check("boards show no more than is claimed", "I1", _THE_BOARD_HAS_NO_MORE),
        Check("claims belong to live holds and their orders", "I11", _CLAIMS_HAVE_THEIR_HOLD),
        Check("live holds have all their seats", "I1", _LIVE_HOLDS_HAVE_THEIR_SEATS),
        Check("seats that staff block are claimed", "I1", _BLOCKS_ARE_CLAIMED),
        Check("seats that staff block are audited", "I12", _BLOCKS_ARE_AUDITED),
        Check("lapsed holds come to an end", "I11", _LAPSED_HOLDS_END),
        Check("answered holds exist", "I9", _HOLDS_ANSWER_THEIR_REQUESTS),
    ]
