"""What became of a partner's cards."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.db.database import Database
from services.wallet.use_cases.partner_report import BatchReport

MAX_BATCHES = 200

_REPORT = f"""
SELECT b.id AS batch_id, b.product_code,
    count(*) FILTER (WHERE c.state = 'PRINTED')::integer AS printed,
    count(*) FILTER (WHERE c.state = 'ISSUED')::integer AS activated,
    count(*) FILTER (WHERE c.state = 'REGISTERED' AND held.places > 0)::integer AS registered,
    count(*) FILTER (WHERE c.state = 'REGISTERED' AND held.places = 0)::integer AS used,
    count(*) FILTER (WHERE c.state = 'VOID')::integer AS voided,
    coalesce(sum(held.places_left) FILTER (WHERE c.state <> 'VOID'), 0)::integer AS places_left,
    coalesce(sum(held.places_used), 0)::integer AS places_used
FROM (
    SELECT id, product_code, issue_time FROM card_batch WHERE partner = $1
    ORDER BY issue_time DESC, id LIMIT {MAX_BATCHES}
) b
JOIN card c ON c.batch_id = b.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(places_left + places_reserved), 0) AS places,
        coalesce(sum(places_left), 0) AS places_left, coalesce(sum(places_used), 0) AS places_used
    FROM place_lot WHERE card_id = c.id
) held
GROUP BY b.id, b.product_code, b.issue_time ORDER BY b.issue_time DESC, b.id"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class PartnerReports:
    """The port `Reports`."""

    database: Database

    async def of_partner(self, partner: str) -> Sequence[BatchReport]:
        rows = await self.database.fetch(_REPORT, partner)
        return [BatchReport(**dict(row)) for row in rows]
