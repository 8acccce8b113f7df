"""What must always be true of complaints, for `make verify`: due, answered, told, audited."""

from services.common.db.checks import Check

_DUE = """
SELECT format('complaint %s', id) AS subject,
       format('due %s, in time until %s', due_date, overdue_at) AS detail,
       NULL::double precision AS age_seconds
FROM complaint
WHERE kind = 'COMPLAINT'
  AND (due_date IS NULL OR overdue_at IS NULL OR overdue_at <= received_at
       OR purchased_at > received_at OR is_late IS NULL)"""

# Each belongs to the order that it names, and the order's timeline tells of it.
_ABOUT_ORDERS = """
SELECT format('complaint %s', c.id) AS subject,
       CASE WHEN o.id IS NULL THEN 'its order is gone' ELSE 'its order is another one' END
           AS detail,
       NULL::double precision AS age_seconds
FROM complaint c
LEFT JOIN customer_order o ON o.screening_id = c.screening_id AND o.id = c.order_id
WHERE c.order_id IS NOT NULL
  AND (o.id IS NULL OR o.number <> c.order_number
       OR o.screening ->> 'cinema_id' <> c.cinema_id)"""

_ANSWERS_ARE_AUDITED = """
SELECT format('complaint %s', id) AS subject, 'answered without an audit row' AS detail,
       NULL::double precision AS age_seconds
FROM complaint
WHERE answered_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM audit WHERE subject = complaint.id::text
                  AND action = 'AnswerComplaint')"""


def complaint_checks() -> list[Check]:
    """Give the checks of complaints."""
    return [
        Check("every complaint has a due date", "I10", _DUE),
        Check("complaints are about their orders", "I10", _ABOUT_ORDERS),
        Check("answers to complaints are audited", "I12", _ANSWERS_ARE_AUDITED),
    ]
