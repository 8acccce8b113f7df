"""Finds lapsed holds, and says when old ones may go."""

from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.common.db.retention import RetentionRule

# Longer than request IDs are kept: a repeated request is answered from its hold.
CLOSED_HOLDS_KEPT_S = 7 * 24 * 3_600.0

# The clock is read once, so that the index `hold_lapse` finds the few that are lapsed.
_SCREENINGS = """
SELECT screening_id FROM (
    SELECT screening_id, expires_at FROM hold
    WHERE CASE WHEN state = 'ACTIVE' THEN expires_at END <= (SELECT app_clock())
    ORDER BY CASE WHEN state = 'ACTIVE' THEN expires_at END LIMIT $1) lapsed
GROUP BY screening_id ORDER BY min(expires_at)"""

_DELETE_CLOSED = """
DELETE FROM hold WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM hold
    WHERE state IN ('RELEASED', 'EXPIRED') AND order_id IS NULL
      AND expires_at < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


@dataclass(frozen=True, slots=True)
class LapsedHoldFinder:
    """The port `LapsedHolds`."""

    database: Database

    async def screenings(self, max_holds: int) -> list[UUID]:
        rows = await self.database.fetch(_SCREENINGS, max_holds)
        return [row["screening_id"] for row in rows]


def hold_retention() -> list[RetentionRule]:
    """Give the rules for holds that ended without an order."""
    return [RetentionRule("hold", _DELETE_CLOSED, CLOSED_HOLDS_KEPT_S)]
