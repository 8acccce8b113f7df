"""What the wallet keeps about a person, kind by kind. The kinds are in the contract."""

from collections.abc import Sequence
from uuid import UUID

from services.common.db.subjects import SubjectSection

_AFTER = "($1::text IS NULL OR {key} > ($1::text)::{type})"
_AFTER_ID = "($1::text IS NULL OR {key} > ($1::text)::uuid)"
_FIRST = "split_part($1::text, '/', 1)::uuid"

_PROFILE = """
SELECT 'only' AS place, birth_date, surname, email, language, reminders_agreed, agree_time,
    change_time, EXISTS (SELECT FROM reminder_stop s WHERE s.account_id = p.account_id)
        AS reminders_stopped
FROM profile p WHERE account_id = $3 AND $1::text IS NULL LIMIT $2"""
_CARDS = f"""
SELECT c.id::text AS place, c.id, c.product_code, c.product_version, c.last_four, c.state,
    c.register_time, b.reason AS issued_for,
    (SELECT json_agg(json_build_object('id', l.id, 'last_screening_date', l.last_screening_date,
            'places_left', l.places_left, 'places_reserved', l.places_reserved,
            'places_used', l.places_used) ORDER BY l.last_screening_date, l.id)
     FROM place_lot l WHERE l.card_id = c.id) AS lots
FROM card c JOIN card_batch b ON b.id = c.batch_id
WHERE c.account_id = $3 AND {_AFTER_ID.format(key="c.id")} ORDER BY c.id LIMIT $2"""  # noqa: S608 - ours
# Card by card, so that a page reads no more than it tells.
_PLACE_ENTRIES = f"""
SELECT c.id || '/' || e.number AS place, c.id AS card_id, e.lot_id, e.kind, e.left_delta,
    e.reserved_delta, e.used_delta, e.order_id, e.leg, e.attempt, e.seat_id, e.occur_time
FROM (SELECT id FROM card
      WHERE account_id = $3 AND ($1::text IS NULL OR id >= {_FIRST}) ORDER BY id) c
CROSS JOIN LATERAL (
    SELECT * FROM place_entry e
    WHERE e.card_id = c.id
      AND e.number > CASE WHEN c.id = {_FIRST} THEN split_part($1::text, '/', 2)::bigint ELSE 0 END
    ORDER BY e.number LIMIT $2) e
ORDER BY c.id, e.number LIMIT $2"""  # noqa: S608 - constants of ours
_RESERVATIONS = """
SELECT r.order_id || '/' || r.leg || '/' || r.attempt AS place, r.order_id, r.leg, r.attempt,
    r.card_id, r.voucher_id, r.screening_id, r.seats, r.currency, r.taken, r.state, r.reserve_time
FROM reservation r
WHERE (r.card_id IN (SELECT id FROM card WHERE account_id = $3)
       OR (r.voucher_id IS NOT NULL AND r.account_id = $3))
  AND ($1::text IS NULL OR (r.order_id, r.leg, r.attempt) > (split_part($1::text, '/', 1)::uuid,
       split_part($1::text, '/', 2), split_part($1::text, '/', 3)::integer))
ORDER BY r.order_id, r.leg, r.attempt LIMIT $2"""
_VOUCHER = f"""
SELECT v.id::text AS place, v.id, v.order_id, v.remedy_id, v.product_code, v.product_version,
    v.currency, v.value_minor_units, v.left_minor_units, v.reserved_minor_units,
    v.spent_minor_units, v.last_screening_date, v.issue_time
FROM voucher v
WHERE {{whose}} AND {_AFTER_ID.format(key="v.id")} ORDER BY v.id LIMIT $2"""  # noqa: S608 - ours
_VOUCHER_ENTRY = f"""
SELECT e.number::text AS place, e.voucher_id, e.kind, e.left_delta, e.reserved_delta,
    e.spent_delta, e.order_id, e.leg, e.attempt, e.occur_time
FROM voucher v JOIN voucher_entry e ON e.voucher_id = v.id
WHERE {{whose}} AND {_AFTER.format(key="e.number", type="bigint")} ORDER BY e.number LIMIT $2"""  # noqa: S608 - ours
_POINTS = """
SELECT 'only' AS place, pending, balance, debt
FROM point_account WHERE account_id = $3 AND $1::text IS NULL LIMIT $2"""
_POINT_LOTS = f"""
SELECT id::text AS place, id, order_id, state, points, points_left, post_time, last_date
FROM point_lot WHERE account_id = $3 AND {_AFTER_ID.format(key="id")} ORDER BY id LIMIT $2"""  # noqa: S608 - ours
_POINT_ENTRIES = f"""
SELECT number::text AS place, kind, pending_delta, balance_delta, debt_delta, lot_id, order_id,
    card_id, reason, occur_time
FROM point_entry WHERE account_id = $3 AND {_AFTER.format(key="number", type="bigint")}
ORDER BY number LIMIT $2"""  # noqa: S608 - ours
_BIRTHDAY_PLACES = f"""
SELECT year::text AS place, year, card_id
FROM birthday_place WHERE account_id = $3 AND {_AFTER.format(key="year", type="integer")}
ORDER BY year LIMIT $2"""  # noqa: S608 - ours
_PURCHASES = f"""
SELECT id::text AS place, id, product_code, product_version, price_currency AS currency,
    price_minor_units, state, refusal, first_name, last_name, email, language, ip_address, card_id,
    create_time, paid_at
FROM card_purchase WHERE account_id = $3 AND {_AFTER_ID.format(key="id")} ORDER BY id LIMIT $2"""  # noqa: S608 - ours

# The keys of all e-mails to an account, whatever address they went to.
MAIL_KEYS = """
    SELECT 'card-bought:' || id FROM card_purchase WHERE account_id = {account}
    UNION ALL
    SELECT 'expiring:' || l.id FROM card c JOIN place_lot l ON l.card_id = c.id
    WHERE c.account_id = {account}
    UNION ALL
    SELECT 'expiring:' || id FROM point_lot WHERE account_id = {account}"""
_MAILS = f"""
SELECT m.key AS place, m.kind, m.recipient, m.facts, m.create_time, m.send_time
FROM ({MAIL_KEYS.format(account="$3")}) k (key) JOIN mail m USING (key)
WHERE $1::text IS NULL OR m.key > $1::text ORDER BY m.key LIMIT $2"""  # noqa: S608 - ours

_OWN_VOUCHERS = "v.account_id = $3"
_GUESTS_VOUCHERS = "v.account_id IS NULL AND v.order_id = ANY($3)"
_OF_ACCOUNT = (
    ("profile", _PROFILE),
    ("card", _CARDS),
    ("place_entry", _PLACE_ENTRIES),
    ("reservation", _RESERVATIONS),
    ("voucher", _VOUCHER.format(whose=_OWN_VOUCHERS)),
    ("voucher_entry", _VOUCHER_ENTRY.format(whose=_OWN_VOUCHERS)),
    ("points", _POINTS),
    ("point_lot", _POINT_LOTS),
    ("point_entry", _POINT_ENTRIES),
    ("birthday_place", _BIRTHDAY_PLACES),
    ("card_purchase", _PURCHASES),
    ("mail", _MAILS),
)
_OF_GUEST = (
    ("voucher", _VOUCHER.format(whose=_GUESTS_VOUCHERS)),
    ("voucher_entry", _VOUCHER_ENTRY.format(whose=_GUESTS_VOUCHERS)),
)


def sections_of_account(account_id: UUID) -> list[SubjectSection]:
    """List what may be kept about an account."""
    return [SubjectSection(kind, sql, (account_id,)) for kind, sql in _OF_ACCOUNT]


def sections_of_guest(order_ids: Sequence[UUID]) -> list[SubjectSection]:
    """List what may be kept for orders that are no account's."""
    return [SubjectSection(kind, sql, (list(order_ids),)) for kind, sql in _OF_GUEST]
