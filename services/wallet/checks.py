"""What must always be true of cards and vouchers, for `make verify`."""

from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import Check

# A hold lasts ten minutes and booking's word may take a while; the time is the services' own clock.
MAX_RESERVED_S = 1_800

_BALANCES = """
SELECT l.id::text AS subject,
       format('left %s reserved %s used %s, entries say %s %s %s', l.places_left,
              l.places_reserved, l.places_used, e.places_left, e.places_reserved, e.places_used)
           AS detail,
       NULL::double precision AS age_seconds
FROM place_lot l LEFT JOIN (
    SELECT lot_id, sum(left_delta) AS places_left, sum(reserved_delta) AS places_reserved,
           sum(used_delta) AS places_used
    FROM place_entry GROUP BY lot_id
) e ON e.lot_id = l.id
WHERE (l.places_left, l.places_reserved, l.places_used)
      IS DISTINCT FROM (coalesce(e.places_left, 0), coalesce(e.places_reserved, 0),
                        coalesce(e.places_used, 0))
   OR least(l.places_left, l.places_reserved, l.places_used) < 0"""

_CONSERVED = """
SELECT c.id::text AS subject,
       format('%s places, issued with %s', held.places, issued.places) AS detail,
       NULL::double precision AS age_seconds
FROM card c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(places_left + places_reserved + places_used), 0) AS places
    FROM place_lot WHERE card_id = c.id
) held
CROSS JOIN LATERAL (
    SELECT coalesce(sum(left_delta), 0) AS places
    FROM place_entry e WHERE e.card_id = c.id AND e.kind = 'ISSUE'
) issued
WHERE held.places <> issued.places"""

# The entries of a leg, step by step, must be what its state says and no more.
_STEPS = """
SELECT format('%s/%s/%s', r.order_id, r.leg, r.attempt) AS subject,
       format('%s with %s seats: %s reserved, %s captured, %s released, %s restored', r.state,
              jsonb_array_length(r.seats), e.reserved, e.captured, e.released, e.restored)
           AS detail,
       NULL::double precision AS age_seconds
FROM reservation r CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE kind = 'RESERVE') AS reserved,
           count(*) FILTER (WHERE kind = 'CAPTURE') AS captured,
           count(*) FILTER (WHERE kind = 'RELEASE') AS released,
           count(*) FILTER (WHERE kind = 'RESTORE') AS restored
    FROM place_entry e
    WHERE e.order_id = r.order_id AND e.leg = r.leg AND e.attempt = r.attempt
) e
WHERE e.reserved <> jsonb_array_length(r.seats)
   OR e.captured <> CASE WHEN r.state IN ('CAPTURED', 'RESTORED') THEN e.reserved ELSE 0 END
   OR e.released <> CASE WHEN r.state = 'RELEASED' THEN e.reserved ELSE 0 END
   OR e.restored <> CASE WHEN r.state = 'RESTORED' THEN e.reserved ELSE 0 END
UNION ALL
SELECT format('%s/%s/%s', e.order_id, e.leg, e.attempt), 'entries without a reservation', NULL
FROM place_entry e
WHERE e.kind NOT IN ('ISSUE', 'EXTEND') AND NOT EXISTS (
    SELECT FROM reservation r
    WHERE r.order_id = e.order_id AND r.leg = e.leg AND r.attempt = e.attempt)"""

_STUCK = f"""
SELECT format('%s/%s/%s', order_id, leg, attempt) AS subject,
       'reserved since ' || reserve_time AS detail, 0.0::double precision AS age_seconds
FROM reservation
WHERE state = 'RESERVED'
  AND reserve_time < app_clock() - interval '{MAX_RESERVED_S} seconds'"""  # noqa: S608 - ours

_VOUCHERS = """
SELECT v.id::text AS subject,
       format('left %s reserved %s spent %s, entries say %s %s %s', v.left_minor_units,
              v.reserved_minor_units, v.spent_minor_units, e.left_units, e.reserved_units,
              e.spent_units) AS detail,
       NULL::double precision AS age_seconds
FROM voucher v LEFT JOIN (
    SELECT voucher_id, sum(left_delta) AS left_units, sum(reserved_delta) AS reserved_units,
           sum(spent_delta) AS spent_units
    FROM voucher_entry GROUP BY voucher_id
) e ON e.voucher_id = v.id
WHERE (v.left_minor_units, v.reserved_minor_units, v.spent_minor_units)
      IS DISTINCT FROM (coalesce(e.left_units, 0), coalesce(e.reserved_units, 0),
                        coalesce(e.spent_units, 0))
   OR least(v.left_minor_units, v.reserved_minor_units, v.spent_minor_units) < 0
   OR v.left_minor_units + v.reserved_minor_units + v.spent_minor_units <> v.value_minor_units"""

# What the legs of orders hold of vouchers and have spent, leg by leg.
_VALUE_STEPS = """
SELECT format('%s/%s/%s', r.order_id, r.leg, r.attempt) AS subject,
       format('%s with %s: reserved %s, spent %s', r.state, r.taken, e.reserved, e.spent)
           AS detail,
       NULL::double precision AS age_seconds
FROM reservation r CROSS JOIN LATERAL (
    SELECT coalesce(sum(reserved_delta), 0) AS reserved, coalesce(sum(spent_delta), 0) AS spent
    FROM voucher_entry e
    WHERE e.order_id = r.order_id AND e.leg = r.leg AND e.attempt = r.attempt
      AND e.voucher_id = r.voucher_id
) e
WHERE r.voucher_id IS NOT NULL
  AND (e.reserved <> CASE WHEN r.state = 'RESERVED' THEN r.taken ELSE 0 END
       OR e.spent <> CASE WHEN r.state = 'CAPTURED' THEN r.taken ELSE 0 END)
UNION ALL
SELECT format('%s/%s/%s', e.order_id, e.leg, e.attempt), 'value moved without a reservation', NULL
FROM voucher_entry e
WHERE e.kind <> 'ISSUE' AND NOT EXISTS (
    SELECT FROM reservation r
    WHERE r.order_id = e.order_id AND r.leg = e.leg AND r.attempt = e.attempt
      AND r.voucher_id = e.voucher_id)"""

_ONE_PER_REMEDY = """
SELECT remedy_id::text AS subject, count(*) || ' vouchers' AS detail,
       NULL::double precision AS age_seconds
FROM voucher GROUP BY remedy_id HAVING count(*) > 1"""

_POINTS = """
SELECT a.account_id::text AS subject,
       format('pending %s balance %s debt %s, entries say %s %s %s, lots %s %s', a.pending,
              a.balance, a.debt, e.pending, e.balance, e.debt, l.pending, l.balance) AS detail,
       NULL::double precision AS age_seconds
FROM point_account a
CROSS JOIN LATERAL (
    SELECT coalesce(sum(pending_delta), 0) AS pending, coalesce(sum(balance_delta), 0) AS balance,
           coalesce(sum(debt_delta), 0) AS debt
    FROM point_entry WHERE account_id = a.account_id
) e
CROSS JOIN LATERAL (
    SELECT coalesce(sum(points) FILTER (WHERE state = 'PENDING'), 0) AS pending,
           coalesce(sum(points_left), 0) AS balance
    FROM point_lot WHERE account_id = a.account_id
) l
WHERE (a.pending, a.balance, a.debt) IS DISTINCT FROM (e.pending, e.balance, e.debt)
   OR (a.pending, a.balance) IS DISTINCT FROM (l.pending, l.balance)
   OR least(a.pending, a.balance, a.debt) < 0"""

_TOLD = """
SELECT c.id::text AS subject,
       format('version %s, told up to %s', c.event_version, told.version) AS detail,
       NULL::double precision AS age_seconds
FROM card c JOIN (
    SELECT aggregate_id, max(aggregate_version) AS version FROM outbox GROUP BY aggregate_id
) told ON told.aggregate_id = c.id::text
WHERE told.version <> c.event_version"""

_AUDITED = """
SELECT id::text AS subject, 'issued without an audit row' AS detail,
       NULL::double precision AS age_seconds
FROM card_batch
WHERE issued_by <> 'wallet' AND NOT EXISTS (
    SELECT FROM audit WHERE action = 'IssueCards' AND subject = 'card_batch/' || card_batch.id)"""


def checks() -> list[Check]:
    """Give wallet's own checks and the chassis's."""
    return [*own_checks(), *chassis_checks()]


def own_checks() -> list[Check]:
    """Give what must be true of cards, points and vouchers."""
    return [
        Check("balances of places are the sums of their entries", "I5", _BALANCES),
        Check("no place appears or vanishes", "I5", _CONSERVED),
        Check("each place of a leg takes each step once", "I5", _STEPS),
        Check("no reservation is stuck", "I5", _STUCK),
        Check("vouchers hold what their entries say", "I5", _VOUCHERS),
        Check("the value of a leg takes each step once", "I5", _VALUE_STEPS),
        Check("a remedy has at most one voucher", "I5", _ONE_PER_REMEDY),
        Check("points are the sums of their entries and lots", "I5", _POINTS),
        Check("every version of a card was told", "I8", _TOLD),
        Check("staff's issuing of cards is audited", "I12", _AUDITED),
    ]
