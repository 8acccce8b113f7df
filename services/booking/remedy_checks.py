"""What must always be true of what the cinema owes its customers, for `make verify`."""

from services.common.db.checks import Check

_JOBS_END = """
SELECT format('screening %s', screening_id) AS subject,
       format('%s of version %s: %s of %s, after %s tries (%s)', kind, version, done, total, retries,
              last_error) AS detail,
       0::double precision AS age_seconds
FROM screening_job
WHERE state = 'RUNNING' AND next_at < app_clock() - interval '60 seconds'
UNION ALL
SELECT format('screening %s', screening_id), format('%s is told by nobody', version), NULL
FROM screening_change c
WHERE NOT EXISTS (SELECT FROM screening_job j WHERE j.screening_id = c.screening_id
                    AND j.kind = 'NOTICE' AND j.version = c.version)"""

# Whoever bought well before the change, and has not given it back since.
_ALL_ARE_TOLD = """
SELECT format('order %s', o.id) AS subject,
       format('not told that its screening is %s', c.ending) AS detail,
       NULL::double precision AS age_seconds
FROM screening_change c
JOIN screening_job j ON j.screening_id = c.screening_id AND j.kind = 'NOTICE'
    AND j.version = c.version AND j.state = 'DONE'
JOIN customer_order o ON o.screening_id = c.screening_id AND o.created_at < c.changed_at
WHERE c.ending IS NOT NULL AND o.state = 'CONFIRMED'
  AND NOT EXISTS (SELECT FROM unnest(o.timeline) AS entry WHERE entry LIKE '%SCREENING_' || c.ending || '%')
  AND EXISTS (SELECT FROM order_contact p
              WHERE p.screening_id = o.screening_id AND p.order_id = o.id AND p.email <> '')"""

_OFFERS_END = """
SELECT format('order %s', order_id) AS subject,
       format('its offer closed at %s, after %s tries (%s)', closes_at, retries, last_error) AS detail,
       0::double precision AS age_seconds
FROM remedy_offer
WHERE state = 'OPEN' AND next_at < app_clock() - interval '60 seconds'
UNION ALL
SELECT format('order %s', f.order_id), 'its offer lapsed, and there is a remedy', NULL
FROM remedy_offer f
JOIN remedy r ON r.screening_id = f.screening_id AND r.order_id = f.order_id
WHERE f.state = 'LAPSED'"""


def remedy_checks() -> list[Check]:
    """Give the checks of notices and offers."""
    return [
        Check("changes of screenings are told to the end", "I7", _JOBS_END),
        Check("nobody is left untold", "I7", _ALL_ARE_TOLD),
        Check("what is offered is taken or ends", "I3", _OFFERS_END),
    ]
