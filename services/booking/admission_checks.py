"""What must always be true at the doors, for `make verify`: admitted once, told, audited."""

from services.common.db.checks import Check

# Ticket, record, event and audit row are one statement: no exceptions.
_ADMITTED_ONCE = """
SELECT format('ticket %s', ticket_id) AS subject,
       format('%s admissions: %s', count(*), string_agg(gate || ' ' || device_id, ', '))
           AS detail,
       NULL::double precision AS age_seconds
FROM admission WHERE kind = 'ADMITTED'
GROUP BY screening_id, ticket_id HAVING count(*) > 1
UNION ALL
SELECT format('ticket %s', t.id), format('%s, and its record is %s', t.state,
       coalesce(a.kind, 'missing')), NULL
FROM ticket t
LEFT JOIN admission a ON a.screening_id = t.screening_id AND a.id = t.admission_id
WHERE (t.state = 'ADMITTED' AND a.kind IS DISTINCT FROM 'ADMITTED')
   OR (t.state = 'DENIED' AND a.kind IS DISTINCT FROM 'DENIED_FINALLY')
UNION ALL
SELECT format('ticket %s', a.ticket_id), format('admitted, and %s', coalesce(t.state, 'gone')),
       NULL
FROM admission a
LEFT JOIN ticket t ON t.screening_id = a.screening_id AND t.id = a.ticket_id
WHERE a.kind = 'ADMITTED' AND (t.state IS DISTINCT FROM 'ADMITTED' OR t.admission_id <> a.id)"""

# Published events are kept for two weeks.
_ADMISSIONS_ARE_TOLD = """
SELECT format('ticket %s', a.ticket_id) AS subject, 'admitted without its event' AS detail,
       NULL::double precision AS age_seconds
FROM admission a
WHERE a.kind = 'ADMITTED' AND a.recorded_at > app_clock() - interval '1 day'
  AND NOT EXISTS (SELECT FROM outbox WHERE aggregate_id = a.ticket_id::text
                  AND aggregate_version = 1 AND type = 'TicketAdmitted')
UNION ALL
SELECT format('ticket %s', aggregate_id), 'told as admitted, and is not', NULL
FROM outbox WHERE type = 'TicketAdmitted' AND NOT EXISTS (
    SELECT FROM admission a WHERE a.ticket_id::text = aggregate_id AND a.kind = 'ADMITTED')"""

_AUDITED = """
SELECT format('ticket %s', a.ticket_id) AS subject,
       format('%s at %s without an audit row', a.kind, a.gate) AS detail,
       NULL::double precision AS age_seconds
FROM admission a
WHERE NOT EXISTS (SELECT FROM audit WHERE subject = a.ticket_id::text
                  AND request_id = a.request_id::text AND actor = a.staff_id)"""


def admission_checks() -> list[Check]:
    """Give the checks of the doors."""
    return [
        Check("a ticket is admitted at most once", "I16", _ADMITTED_ONCE),
        Check("every admission is told once", "I7", _ADMISSIONS_ARE_TOLD),
        Check("staff's work at the doors is audited", "I12", _AUDITED),
    ]
