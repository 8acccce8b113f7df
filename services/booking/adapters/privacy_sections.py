"""What booking keeps about a person, kind by kind."""

from services.booking.domain.privacy import Person
from services.common.db.subjects import SubjectSection

_AFTER_ID = "($1::text IS NULL OR {key} > ($1::text)::uuid)"
# The orders of a person: an account's, or the one of a guest.
ORDERS_OF_ACCOUNT = "account_id = {person}"
ORDERS_OF_GUEST = "id = {person} AND account_id IS NULL"
# Those about the orders, and an account's comments about nothing bought.
COMPLAINTS_OF_ACCOUNT = """(t.account_id = {person}
    OR t.order_id IN (SELECT id FROM customer_order WHERE account_id = {person}))"""
COMPLAINTS_OF_GUEST = "t.order_id = {person}"

_ORDERS = f"""
SELECT o.id::text AS place, o.id, o.number, o.screening_id, o.channel, o.state, o.currency, o.total,
    o.money_due, o.gtc_version, o.otc_version, o.accepted_at, o.screening, o.lines, o.legs,
    o.promotion, o.cancellation, o.moved, to_json(o.timeline::json[]) AS timeline, o.return_url, o.created_at,
    json_build_object('first_name', c.first_name, 'last_name', c.last_name, 'email', c.email,
        'language', c.language, 'ip_address', c.ip_address) AS contact
FROM customer_order o
LEFT JOIN order_contact c ON c.screening_id = o.screening_id AND c.order_id = o.id
WHERE o.id IN (SELECT id FROM customer_order WHERE {{orders}})
  AND {_AFTER_ID.format(key="o.id")} ORDER BY o.id LIMIT $2"""  # noqa: S608 - ours
_OF_ORDERS = """
FROM customer_order o JOIN {table} t ON t.screening_id = o.screening_id AND t.order_id = o.id
WHERE o.id IN (SELECT id FROM customer_order WHERE {{orders}})
  AND ($1::text IS NULL OR t.id > ($1::text)::uuid) ORDER BY t.id LIMIT $2"""
_TICKETS = (
    "SELECT t.id::text AS place, t.id, t.order_id, t.number, t.seat_id, t.row_name, t.seat_number,"
    " t.ticket_type, t.proof, t.state, t.created_at" + _OF_ORDERS.format(table="ticket")
)
_ADMISSIONS = f"""
SELECT a.id::text AS place, a.id, a.ticket_id, a.kind, a.refusal, a.cinema_id, a.gate,
    a.recorded_at
FROM customer_order o JOIN ticket t ON t.screening_id = o.screening_id AND t.order_id = o.id
JOIN admission a ON a.screening_id = t.screening_id AND a.ticket_id = t.id
WHERE o.id IN (SELECT id FROM customer_order WHERE {{orders}})
  AND {_AFTER_ID.format(key="a.id")} ORDER BY a.id LIMIT $2"""  # noqa: S608 - ours
_REMEDIES = (
    "SELECT t.id::text AS place, t.id, t.order_id, t.kind, t.state, t.currency, t.amount,"
    " t.requested_at, t.voucher_id, t.cause, t.origin, t.form_reference"
    + _OF_ORDERS.format(table="remedy")
)
_OFFERS = (
    "SELECT t.id::text AS place, t.id, t.order_id, t.cause, t.kind, t.state, t.changed_at,"
    " t.closes_at" + _OF_ORDERS.format(table="remedy_offer")
)
_COMPLAINTS = f"""
SELECT t.id::text AS place, t.id, t.number, t.kind, t.scope, t.body, t.order_id, t.order_number,
    t.cinema_id, t.reply_email, t.received_at, t.is_late, t.due_date, t.decision, t.answer,
    t.answered_at
FROM complaint t
WHERE {{complaints}} AND {_AFTER_ID.format(key="t.id")} ORDER BY t.id LIMIT $2"""  # noqa: S608 - ours
_MAILS = """
SELECT m.key AS place, m.key, m.kind, m.recipient, m.create_time, m.send_time, m.give_up_time
FROM mail m
WHERE (m.facts ->> 'order_id' IN (SELECT id::text FROM customer_order WHERE {orders})
    OR m.facts ->> 'complaint_id' IN (SELECT t.id::text FROM complaint t WHERE {complaints}))
  AND ($1::text IS NULL OR m.key > $1::text) ORDER BY m.key LIMIT $2"""
_HOLDS = f"""
SELECT id::text AS place, id, screening_id, state, seats, created_at, expires_at, order_id
FROM hold WHERE owner = 'account:' || $3::uuid AND {_AFTER_ID.format(key="id")}
ORDER BY id LIMIT $2"""  # noqa: S608 - ours
_CHOICES = f"""
SELECT id::text AS place, id, kind, is_given, text_version, legal_capacity, chosen_by = 'owner'
    AS chosen_by_owner, chosen_at
FROM privacy_choice WHERE {{person}} = $3 AND {_AFTER_ID.format(key="id")}
ORDER BY id LIMIT $2"""  # noqa: S608 - ours
_ACCESSES = f"""
SELECT id::text AS place, id, action, made_by = 'owner' AS made_by_owner, made_at
FROM privacy_access WHERE {{person}} = $3 AND {_AFTER_ID.format(key="id")}
ORDER BY id LIMIT $2"""  # noqa: S608 - ours
_SECTIONS = (
    ("order", _ORDERS),
    ("ticket", _TICKETS),
    ("admission", _ADMISSIONS),
    ("remedy", _REMEDIES),
    ("remedy_offer", _OFFERS),
    ("complaint", _COMPLAINTS),
    ("mail", _MAILS),
    ("privacy_choice", _CHOICES),
    ("privacy_access", _ACCESSES),
)


def sections_of(person: Person) -> list[SubjectSection]:
    """List what may be kept about a person."""
    values = (person.account_id or person.order_id,)
    words = words_of(person, "$3")
    sections = [SubjectSection(kind, sql.format(**words), values) for kind, sql in _SECTIONS]
    if person.account_id is not None:
        sections.append(SubjectSection("hold", _HOLDS, values))
    return sections


def words_of(person: Person, parameter: str) -> dict[str, str]:
    """Write whose orders, complaints and choices are meant; the parameter is the person's ID."""
    is_guest = person.account_id is None
    orders = ORDERS_OF_GUEST if is_guest else ORDERS_OF_ACCOUNT
    complaints = COMPLAINTS_OF_GUEST if is_guest else COMPLAINTS_OF_ACCOUNT
    return {
        "orders": orders.format(person=parameter),
        "complaints": complaints.format(person=parameter),
        "person": "order_id" if is_guest else "account_id",
    }
