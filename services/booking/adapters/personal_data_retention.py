"""What names persons goes when its term is over; by the services' own clock.

Contacts go screening by screening: those of orders that nobody paid first, the others later, and none
while something of their screening is still open.
"""

from services.booking.config import BookingSettings
from services.common.db.retention import DAY_S, RetentionRule

# A screening has hundreds of orders.
MAX_SCREENINGS_AT_ONCE = 20

_CONTACTS = f"""
WITH due AS (
    SELECT screening_id FROM screening_copy s
    WHERE contacts_erased = {{level}} - 1
      AND ends_at < (SELECT app_clock()) - make_interval(secs => $1)
      AND NOT EXISTS (SELECT FROM customer_order o
                      WHERE o.screening_id = s.screening_id AND o.next_step_at IS NOT NULL)
      AND NOT EXISTS (SELECT FROM remedy_offer f
                      WHERE f.screening_id = s.screening_id AND f.state = 'OPEN')
      AND NOT EXISTS (SELECT FROM complaint c
                      WHERE c.screening_id = s.screening_id AND c.answered_at IS NULL)
    ORDER BY ends_at LIMIT least($2, {MAX_SCREENINGS_AT_ONCE}) FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE order_contact c SET first_name = '', last_name = '', email = '', ip_address = ''
    FROM due JOIN customer_order o USING (screening_id)
    WHERE c.screening_id = o.screening_id AND c.order_id = o.id AND c.email <> ''
      AND o.state IN ({{states}})
)
UPDATE screening_copy s SET contacts_erased = {{level}}
FROM due WHERE s.screening_id = due.screening_id"""  # noqa: S608 - ours
_UNPAID = "'EXPIRED', 'ABANDONED', 'REFUSED'"
_ALL = f"{_UNPAID}, 'PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED', 'CANCELLED'"
_COMPLAINTS = """
UPDATE complaint
SET body = '', reply_email = '', answer = CASE WHEN answer IS NOT NULL THEN '' END
WHERE id = ANY (ARRAY(
    SELECT id FROM complaint
    WHERE body <> '' AND kind = 'COMPLAINT'
      AND answered_at < (SELECT app_clock()) - make_interval(secs => $1) LIMIT $2))"""
# Nobody need answer a comment.
_COMMENTS = """
UPDATE complaint
SET body = '', reply_email = '', answer = CASE WHEN answer IS NOT NULL THEN '' END
WHERE id = ANY (ARRAY(
    SELECT id FROM complaint
    WHERE body <> '' AND kind = 'COMMENT'
      AND received_at < (SELECT app_clock()) - make_interval(secs => $1) LIMIT $2))"""
_ACCESSES = """
DELETE FROM privacy_access WHERE id = ANY (ARRAY(
    SELECT id FROM privacy_access
    WHERE made_at < (SELECT app_clock()) - make_interval(secs => $1) LIMIT $2))"""
# What holds now stays, whenever it was chosen: a consent until it is withdrawn.
_CHOICES = """
DELETE FROM privacy_choice WHERE id = ANY (ARRAY(
    SELECT id FROM privacy_choice old
    WHERE EXISTS (
        SELECT FROM privacy_choice newer
        WHERE newer.kind = old.kind AND newer.chosen_at > old.chosen_at
          AND newer.chosen_at < (SELECT app_clock()) - make_interval(secs => $1)
          AND (newer.account_id = old.account_id OR newer.order_id = old.order_id))
    LIMIT $2))"""
_ERASURES = """
DELETE FROM erasure WHERE id = ANY (ARRAY(
    SELECT id FROM erasure
    WHERE done_at < (SELECT app_clock()) - make_interval(secs => $1) LIMIT $2))"""


def personal_data_rules(settings: BookingSettings) -> list[RetentionRule]:
    """Give the rules with the terms of the settings."""
    unpaid_s = settings.unpaid_contacts_kept_days * DAY_S
    contacts_s = max(unpaid_s, settings.contacts_kept_days * DAY_S)
    records_s = settings.privacy_records_kept_days * DAY_S
    return [
        RetentionRule("unpaid_contact", _CONTACTS.format(level=1, states=_UNPAID), unpaid_s),
        RetentionRule("contact", _CONTACTS.format(level=2, states=_ALL), contacts_s),
        RetentionRule("complaint", _COMPLAINTS, settings.complaints_kept_days * DAY_S),
        RetentionRule("comment", _COMMENTS, settings.comments_kept_days * DAY_S),
        RetentionRule("privacy_access", _ACCESSES, records_s),
        RetentionRule("privacy_choice", _CHOICES, records_s),
        RetentionRule("erasure", _ERASURES, records_s),
    ]
