"""The statements of orders. Each write of an order is one statement, whatever it touches."""

from functools import cache

from services.common.db.together import PartColumns

# JSON travels as text, so that no codec of the driver has a say in it.
# One round trip gives everything that a move of an order may need. Every one of these rows is
# written together with the order's, so that one statement sees them at one version.
_COLUMNS = """
SELECT o.screening_id, o.id, o.number, o.hold_id, o.owner, o.account_id, o.channel, o.state,
    o.currency, o.total, o.money_due, o.gtc_version, o.otc_version, o.accepted_at,
    o.policy::text AS policy, o.screening::text AS screening, o.promotion::text AS promotion,
    o.moved::text AS moved,
    o.return_url, o.redirect_url, o.request_id, o.created_at, o.expires_at, o.extended_by_s,
    o.version,
    o.event_version, o.cancellation::text AS cancellation, app_clock() AS read_at,
    c.first_name, c.last_name, c.email, c.language, c.ip_address,
    o.lines::text AS lines, o.legs::text AS legs,
    (SELECT json_agg(json_build_array(d.attempt, d.refusal))
     FROM payment_decision d
     WHERE d.screening_id = o.screening_id AND d.order_id = o.id)::text AS decisions,
    (SELECT json_build_array(r.id, r.kind, r.state, r.amount, r.last_screening_date,
            r.requested_at, r.budget_taken, r.voucher_id, r.retries, r.last_error, r.cause,
            r.origin, r.form_reference)
     FROM remedy r WHERE r.screening_id = o.screening_id AND r.order_id = o.id)::text AS remedy"""
_TIMELINE = """, o.timeline,
    (SELECT row_to_json(f) FROM remedy_offer f
     WHERE f.screening_id = o.screening_id AND f.order_id = o.id)::text AS offer"""
_FROM = """
FROM customer_order o
LEFT JOIN order_contact c ON c.screening_id = o.screening_id AND c.order_id = o.id"""
_WANTED_ORDER = """
WHERE o.id = $1"""
_WANTED_ORDERS = """
WHERE o.id = ANY($1::uuid[])"""
# By the database's clock: IDs are of the processes', which need not agree.
_OF_ACCOUNT = """
WHERE o.account_id = $1
  AND ($2::timestamptz IS NULL OR (o.created_at, o.id) < ($2, $3::uuid))
ORDER BY o.created_at DESC, o.id DESC LIMIT $4"""

# As `tickets_of` reads it.
_TICKET = """json_build_array(t.id, t.number, t.seat_id, t.row_name, t.seat_number, t.ticket_type,
        t.proof, encode(t.qr_payload, 'hex'), t.created_at, t.state, t.holder_checked)"""
_BOUGHT = f""",
    (SELECT json_agg({_TICKET}) FROM ticket t
     WHERE t.screening_id = o.screening_id AND t.order_id = o.id)::text AS tickets"""  # noqa: S608 - constants of ours

READ = f"{_COLUMNS}{_FROM}{_WANTED_ORDER}"
READ_WITH_TIMELINE = f"{_COLUMNS}{_TIMELINE}{_FROM}{_WANTED_ORDER}"
READ_BOUGHT = f"{_COLUMNS}{_TIMELINE}{_BOUGHT}{_FROM}{_WANTED_ORDER}"
READ_ALL = f"{_COLUMNS}{_FROM}{_WANTED_ORDERS}"
READ_OF_ACCOUNT = f"{_COLUMNS}{_FROM}{_OF_ACCOUNT}"
# Those that are not at the version that was seen.
READ_MOVED = f"""{_COLUMNS}{_TIMELINE}
FROM unnest($1::uuid[], $2::bigint[]) AS seen (seen_id, seen_version)
JOIN customer_order o ON o.id = seen_id AND o.version <> seen_version
LEFT JOIN order_contact c ON c.screening_id = o.screening_id AND c.order_id = o.id"""
LOCK = "SELECT state FROM customer_order WHERE id = $1 FOR UPDATE"

# What moved of some orders: their own values, all their legs, what is new in their timelines. Each
# write is guarded by the version that the order was read at.
MOVE = PartColumns(
    "screening_id uuid, id uuid, version bigint, state text, redirect_url text, "
    "event_version bigint, due_ms float8, correlation_id text, traceparent text, principal text, "
    "method text, request_id uuid, answer bytea, legs text, entries text"
)
_FIRST = len(MOVE) + 1
MOVING = """
    UPDATE customer_order AS o
    SET state = wanted.state, redirect_url = wanted.redirect_url,
        event_version = wanted.event_version, version = o.version + 1,
        legs = wanted.legs::json,
        timeline = CASE wanted.entries WHEN '[]' THEN o.timeline
            ELSE o.timeline || ('["' || app_clock() || '",' || wanted.entries || ']') END,
        next_step_at = app_clock()
            + make_interval(secs => wanted.due_ms / 1000 * (0.75 + random() / 2))"""
AS_IT_WAS = """
    WHERE o.screening_id = wanted.screening_id AND o.id = wanted.id AND o.version = wanted.version"""
_MOVED = f"""moved AS ({MOVING}
    FROM {{WANTED}}{AS_IT_WAS}
    RETURNING o.screening_id, o.id, o.version, app_clock() AS now, correlation_id, traceparent,
        principal, method, wanted.request_id, answer
)"""
# Leaves out orders that somebody else has locked.
_FREE = """
    SELECT wanted.id
    FROM customer_order o JOIN wanted ON o.screening_id = wanted.screening_id AND o.id = wanted.id
    FOR NO KEY UPDATE OF o SKIP LOCKED
"""
_TOLD = PartColumns("id uuid, event_id uuid, type text, version bigint, payload bytea")
_DECIDED = PartColumns("id uuid, attempt integer, refusal text")
_MAILED = PartColumns("id uuid, mail_id uuid, key text, kind text, recipient text")
_TICKETED = PartColumns(
    "id uuid, ticket_id uuid, number text, seat_id text, row_name text, seat_number text, "
    "ticket_type text, proof text, qr_payload bytea, holder_checked boolean"
)
_ANSWERED = """, answered AS (
    UPDATE request SET answer = moved.answer FROM moved
    WHERE request.principal = moved.principal AND request.method = moved.method
      AND request.request_id = moved.request_id AND request.answer IS NULL
)"""

_REMEDY = """, remedied AS (
    INSERT INTO remedy (screening_id, order_id, id, kind, state, currency, amount,
        last_screening_date, requested_at, budget_taken, voucher_id, retries, last_error, cause,
        origin, form_reference)
    SELECT screening_id, id, $21::uuid, $22, $23, $24, $25::bigint, $26::date, $27::timestamptz,
        $28::boolean, $29::uuid, $30::integer, $31, $32, $33, $34 FROM moved WHERE $21::uuid IS NOT NULL
    ON CONFLICT (screening_id, order_id) DO UPDATE
    SET state = excluded.state, budget_taken = excluded.budget_taken,
        voucher_id = excluded.voucher_id, retries = excluded.retries,
        last_error = excluded.last_error
)"""
_VERSION = """
SELECT id, version FROM moved"""
_VERSION_OF_FREE = """
SELECT id, moved.version FROM free LEFT JOIN moved USING (id)"""


def _moved(wanted: str, *, waits: bool) -> str:
    """Begin a statement: move orders, and wait for those who have one locked, or leave those out."""
    if waits:  # Plain values stand where they are used: no part of the plan of their own.
        return "WITH " + _MOVED.format(WANTED=f"({wanted}) AS wanted")
    moved = _MOVED.format(WANTED="wanted JOIN free USING (id)")
    return f"WITH wanted AS ({wanted}), free AS ({_FREE}), {moved}"


def _told(first: int) -> str:
    """Write events, whose columns are arrays from the parameter with the given number on."""
    return f""", told AS (
    INSERT INTO outbox (id, type, aggregate_id, aggregate_version, payload, correlation_id,
        traceparent)
    SELECT event.event_id, event.type, moved.id::text, event.version, event.payload,
        correlation_id, traceparent
    FROM moved JOIN ({_TOLD.many(first)}) AS event USING (id)
)"""  # noqa: S608 - constants of ours


def _decided(first: int) -> str:
    """Write decisions, whose columns are arrays from the parameter with the given number on."""
    return f""", decided AS (
    INSERT INTO payment_decision (screening_id, order_id, attempt, decision, refusal, decided_at)
    SELECT moved.screening_id, moved.id, new.attempt,
        CASE WHEN new.refusal IS NULL THEN 'GRANT' ELSE 'REFUSE' END, new.refusal, moved.now
    FROM moved JOIN ({_DECIDED.many(first)}) AS new USING (id)
)"""  # noqa: S608 - constants of ours


def _mailed(first: int) -> str:
    """Queue e-mails, whose columns are arrays from the parameter with the given number on."""
    return f""", mailed AS (
    INSERT INTO mail (id, key, kind, recipient, facts)
    SELECT new.mail_id, new.key, new.kind, new.recipient,
        jsonb_build_object('order_id', moved.id::text)
    FROM moved JOIN ({_MAILED.many(first)}) AS new USING (id)
    ON CONFLICT (key) DO NOTHING
)"""  # noqa: S608 - constants of ours


def _ticketed(first: int) -> str:
    """Write tickets, whose columns are arrays from the parameter with the given number on."""
    return f""", ticketed AS (
    INSERT INTO ticket (screening_id, id, order_id, number, seat_id, row_name, seat_number,
        ticket_type, proof, state, qr_payload, created_at, holder_checked)
    SELECT moved.screening_id, new.ticket_id, moved.id, new.number, new.seat_id, new.row_name,
        new.seat_number, new.ticket_type, new.proof, 'VALID', new.qr_payload, moved.now,
        new.holder_checked
    FROM moved JOIN ({_TICKETED.many(first)}) AS new USING (id)
)"""  # noqa: S608 - constants of ours


@cache
def save(
    wanted: str,
    *,
    waits: bool,
    told: bool,
    decided: bool,
    mailed: bool,
    ticketed: bool,
    answered: bool,
) -> str:
    """Give the statement that saves orders, without the parts that have nothing to write.

    `wanted` selects what is to be saved. `waits`: for those who have an order locked, which is left
    out otherwise.
    """
    parts = [_moved(wanted, waits=waits)]
    first = _FIRST
    for is_written, columns, part in (
        (told, _TOLD, _told),
        (decided, _DECIDED, _decided),
        (mailed, _MAILED, _mailed),
        (ticketed, _TICKETED, _ticketed),
    ):
        if is_written:
            parts.append(part(first))
            first += len(columns)
    if answered:
        parts.append(_ANSWERED)
    return "".join([*parts, _VERSION if waits else _VERSION_OF_FREE])


# What comes after the sale: seldom, and so one statement for whatever it is. The order's own values
# come first, then the events', the remedy's and the e-mails'.
_MOVED_ONE = f"{_moved(MOVE.one(), waits=True)}{_told(_FIRST)}"
SAVE_AFTER_SALE = f"{_MOVED_ONE}{_ANSWERED}{_REMEDY}{_mailed(35)}{_VERSION}"

# Under the lock of the order's row, which `SAVE_AFTER_SALE` moves afterwards.
SET_CANCELLATION = """
UPDATE customer_order SET cancellation = $3::json WHERE screening_id = $1 AND id = $2"""
# Waits for a door that has a ticket's row, and judges it anew then.
CANCEL_TICKETS = """
UPDATE ticket SET state = 'CANCELLED'
WHERE screening_id = $1 AND order_id = $2 AND state = 'VALID'
  AND NOT EXISTS (SELECT FROM admission a WHERE a.screening_id = ticket.screening_id
                    AND a.ticket_id = ticket.id AND a.kind = 'DENIED')
RETURNING id"""
TICKET_STATES = "SELECT state FROM ticket WHERE screening_id = $1 AND order_id = $2"

SET_CONTACT = """
UPDATE order_contact SET first_name = $3, last_name = $4, email = $5, language = $6
WHERE screening_id = $1 AND order_id = $2"""
REDIRECT_MAILS = """
UPDATE mail SET recipient = $2
WHERE send_time IS NULL AND give_up_time IS NULL AND facts ->> 'order_id' = $1"""

DROP_CLAIM = """
DELETE FROM request WHERE principal = $1 AND request_id = $2 AND work_id = $3 AND answer IS NULL"""

NEWER_ORDER = """
SELECT EXISTS (
    SELECT FROM customer_order WHERE screening_id = $1 AND owner = $2 AND id <> $3
    AND created_at > $4 AND state IN ('PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED'))"""

# With whose they are; without an order there is no row.
TICKETS = f"""
SELECT o.screening_id, o.owner, o.account_id, o.screening ->> 'cinema_id' AS cinema_id,
    (SELECT json_agg({_TICKET}) FROM (SELECT * FROM ticket
        WHERE screening_id = o.screening_id AND order_id = o.id AND number > $2
        ORDER BY number LIMIT $3) t)::text AS tickets
FROM customer_order o WHERE o.id = $1"""  # noqa: S608 - constants of ours
TICKETS_OF_ALL = f"""
SELECT t.order_id, json_agg({_TICKET})::text AS tickets FROM ticket t
WHERE (t.screening_id, t.order_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
GROUP BY t.order_id"""  # noqa: S608 - constants of ours

# The lease keeps other processes away for a while; it ends with the order's next write.
_DUE = "FROM customer_order WHERE next_step_at <= (SELECT app_clock())"
SOME_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_step_at LIMIT 1)"
TAKE_DUE = f"""
UPDATE customer_order SET next_step_at = app_clock() + make_interval(secs => $2::float8 / 1000)
WHERE (screening_id, id) IN (
    SELECT screening_id, id {_DUE}
    ORDER BY next_step_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING id"""  # noqa: S608 - a constant of ours

_EXPIRED = """
FROM customer_order
WHERE state IN ('PLACED', 'AWAITING_PAYMENT') AND expires_at <= (SELECT app_clock())"""
SOME_ARE_EXPIRED = f"(SELECT true {_EXPIRED} ORDER BY expires_at LIMIT 1)"
EXPIRED = f"""
SELECT screening_id, id {_EXPIRED}
ORDER BY expires_at LIMIT $1"""
