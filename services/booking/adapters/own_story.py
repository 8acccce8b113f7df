"""What booking keeps about an order besides its timeline: events, e-mails, the doors."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.whole_story import StoryPart, Teller, entry_of
from services.common.db.database import Database
from services.common.stories import StoryReader

# Events and sent e-mails are kept for days. An e-mail is named by its kind, a door by its gate.
_MAILS = """
mail AS (
    SELECT kind, create_time, send_time, give_up_time, last_problem FROM mail
    WHERE key = ANY (ARRAY(
        SELECT kind || ':' || $1::uuid FROM unnest(ARRAY['order-confirmed', 'order-cancelled',
            'refund-done', 'refund-failed', 'remedy-voucher', 'remedy-places']) AS kind))
)"""
_STORY = f"""
WITH {_MAILS}
SELECT occur_time AS time, 'EVENT' AS what, type AS detail, correlation_id
FROM outbox WHERE aggregate_id = ($1::uuid)::text
UNION ALL SELECT create_time, 'MAIL_QUEUED', kind, '' FROM mail
UNION ALL SELECT send_time, 'MAIL_SENT', kind, '' FROM mail WHERE send_time IS NOT NULL
UNION ALL SELECT give_up_time, 'MAIL_GIVEN_UP', kind || ' ' || last_problem, ''
FROM mail WHERE give_up_time IS NOT NULL
UNION ALL
SELECT a.recorded_at, 'TICKET_' || a.kind, t.number || ' ' || a.gate, ''
FROM customer_order o
JOIN ticket t ON t.screening_id = o.screening_id AND t.order_id = o.id
JOIN admission a ON a.screening_id = t.screening_id AND a.ticket_id = t.id
WHERE o.id = $1"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class OwnStory:
    """The port `StorySource` on booking's own tables."""

    database: Database
    teller: Teller = Teller.BOOKING

    async def story(self, order_id: UUID) -> StoryPart:
        told = await StoryReader(self.database, _STORY)(order_id)
        entries = [
            entry_of(self.teller, line.time, line.what, line.detail, line.correlation_id)
            for line in told.lines
        ]
        return StoryPart(self.teller, entries, told.is_cut)
