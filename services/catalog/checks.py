"""What must always be true of the programme, for `make verify`."""

from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import Check

_OVERLAPS = """
SELECT a.id::text AS subject, format('overlaps %s in its hall', b.id) AS detail,
       NULL::double precision AS age_seconds
FROM screening a JOIN screening b
  ON b.hall_id = a.hall_id AND b.id > a.id
 AND b.starts_at < a.ends_at AND b.ends_at > a.starts_at
WHERE a.state <> 'CANCELLED' AND b.state <> 'CANCELLED'
UNION ALL
SELECT s.id::text, 'its hall has another number', NULL
FROM screening s JOIN hall h ON h.id = s.hall_id
WHERE h.number <> s.hall_number OR h.cinema_id <> s.cinema_id"""

_EVENTS = """
SELECT s.id::text AS subject,
       format('version %s, told up to %s', s.version, told.version) AS detail,
       NULL::double precision AS age_seconds
FROM screening s JOIN (
    SELECT aggregate_id, max(aggregate_version) AS version FROM outbox
    WHERE type IN ('ScreeningPublished', 'ScreeningChanged', 'ScreeningCancelled',
                   'ScreeningTerminated')
    GROUP BY aggregate_id
) told ON told.aggregate_id = s.id::text
WHERE told.version <> s.version
UNION ALL
SELECT aggregate_id, 'told of, but not there', NULL FROM outbox
WHERE type = 'ScreeningPublished'
  AND NOT EXISTS (SELECT FROM screening WHERE id::text = aggregate_id)"""

_PLANS = """
SELECT s.id::text AS subject, 'its seat plan is of another hall' AS detail,
       NULL::double precision AS age_seconds
FROM screening s JOIN seat_plan p ON p.id = s.seat_plan_id
WHERE p.hall_id <> s.hall_id
UNION ALL
SELECT h.id::text, 'does not use its newest seat plan', NULL
FROM hall h LEFT JOIN LATERAL (
    SELECT p.id, p.version FROM seat_plan p WHERE p.hall_id = h.id
    ORDER BY p.version DESC LIMIT 1
) newest ON true
WHERE h.seat_plan_id IS DISTINCT FROM newest.id
   OR h.seat_plan_version <> coalesce(newest.version, 0)"""

_AUDITED = """
SELECT s.id::text AS subject, format('%s without an audit row', s.state) AS detail,
       NULL::double precision AS age_seconds
FROM screening s
WHERE s.state <> 'SCHEDULED' AND NOT EXISTS (
    SELECT FROM audit WHERE subject = s.id::text AND action =
        CASE s.state WHEN 'CANCELLED' THEN 'CancelScreening' ELSE 'TerminateScreening' END)
UNION ALL
SELECT s.id::text, 'of no feed and created without an audit row', NULL FROM screening s
WHERE s.feed_id IS NULL AND NOT EXISTS (
    SELECT FROM audit WHERE action = 'CreateScreening' AND subject = s.id::text)
UNION ALL
SELECT f.id::text, 'of no feed and created without an audit row', NULL FROM film f
WHERE f.feed_id IS NULL AND NOT EXISTS (
    SELECT FROM audit WHERE action = 'CreateFilm' AND subject = f.id::text)
UNION ALL
SELECT c.id, 'created without an audit row', NULL FROM cinema c
WHERE NOT EXISTS (SELECT FROM audit WHERE action = 'CreateCinema' AND subject = c.id)
UNION ALL
SELECT p.cinema_id, 'has prices without an audit row', NULL FROM price_list p
WHERE NOT EXISTS (SELECT FROM audit WHERE action = 'SetPrices' AND subject = p.cinema_id)
UNION ALL
SELECT t.policy_code, 'has terms without an audit row', NULL FROM terms t
WHERE NOT EXISTS (SELECT FROM audit WHERE action = 'PublishTerms'
                  AND subject = t.policy_code || '/' || t.otc_version)
UNION ALL
SELECT p.id::text, 'a promotion without an audit row', NULL FROM promotion p
WHERE NOT EXISTS (SELECT FROM audit WHERE action = 'PublishPromotion'
                  AND subject = p.policy_code || '/' || p.code)
UNION ALL
SELECT c.country_code, 'has set holidays without an audit row', NULL FROM holiday_calendar c
WHERE c.event_version > 0 AND NOT EXISTS (
    SELECT FROM audit WHERE action = 'SetHolidays' AND subject LIKE c.country_code || '/%')"""

_STAGED = """
SELECT import_id::text AS subject, 'rows of an import stayed behind' AS detail,
       NULL::double precision AS age_seconds
FROM import_row GROUP BY import_id"""


def checks() -> list[Check]:
    """Give catalog's own checks and the chassis's."""
    return [
        Check("no two screenings overlap in a hall", "I1", _OVERLAPS),
        Check("every version of a screening was told", "I8", _EVENTS),
        Check("screenings and halls use their own seat plans", "I1", _PLANS),
        Check("staff's work on the programme is audited", "I12", _AUDITED),
        Check("no import leaves rows behind", "I15", _STAGED),
        *chassis_checks(),
    ]
