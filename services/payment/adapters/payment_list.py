"""Pages of payments, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.db.database import Database
from services.payment.adapters.documents import read_locked
from services.payment.domain.payment import Payment
from services.payment.use_cases.list_payments import PaymentFilter, PaymentPlace

_PAGE = """
SELECT payment_document(p) AS document FROM payment p
WHERE NOT is_tombstone AND ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::timestamptz IS NULL OR create_time >= $3)
  AND ($4::timestamptz IS NULL OR create_time < $4)
  AND ($5::timestamptz IS NULL OR (create_time, id) < ($5, $6::uuid))
ORDER BY create_time DESC, id DESC LIMIT $7"""


@dataclass(frozen=True, slots=True)
class SqlPaymentList:
    """The port `PaymentList`."""

    database: Database

    async def page(
        self, wanted: PaymentFilter, after: PaymentPlace | None, limit: int
    ) -> Sequence[Payment]:
        rows = await self.database.fetch(
            _PAGE,
            wanted.owner,
            wanted.state,
            wanted.created_from,
            wanted.created_before,
            *(after or (None, None)),
            limit,
        )
        found = (read_locked(row["document"]).payment for row in rows)
        return [payment for payment in found if payment is not None]
