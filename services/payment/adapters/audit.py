"""The audit's reading: the books added up, exceptions with what can be done, the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.common.db.database import Database
from services.common.money import Money
from services.payment.domain.events import Cause
from services.payment.domain.exception_case import ExceptionCase
from services.payment.use_cases.audit_ports import (
    BookedEntry,
    Place,
    ProviderDay,
    Settlement,
    SettlementScope,
)

if TYPE_CHECKING:
    from asyncpg import Record

# What was captured is added up from the payments and exceptions themselves where no period cuts
# them, so that the books are compared with something else than themselves.
_SETTLEMENTS = """
WITH booked AS (
    SELECT l.currency, l.account, e.kind, sum(l.amount)::bigint AS amount
    FROM journal_entry e JOIN journal_posting l ON l.entry_id = e.id
    LEFT JOIN payment p ON p.id = e.payment_id
    WHERE ($1::uuid IS NULL OR p.reference_id = $1)
      AND ($2::timestamptz IS NULL OR e.occur_time >= $2)
      AND ($3::timestamptz IS NULL OR e.occur_time < $3)
    GROUP BY l.currency, l.account, e.kind
), taken AS (
    SELECT currency, sum(captured)::bigint AS amount FROM payment
    WHERE captured > 0 AND ($1::uuid IS NULL OR reference_id = $1) GROUP BY currency
    UNION ALL
    SELECT currency, sum(amount)::bigint FROM refund
    WHERE reason = 'EXCEPTION' AND ($1::uuid IS NULL OR reference_id = $1) GROUP BY currency
), open_cases AS (
    SELECT coalesce(reported_currency, p.currency, '') AS currency, count(*) AS cases
    FROM exception_case c LEFT JOIN payment p ON p.id = c.payment_id
    WHERE resolve_time IS NULL AND ($1::uuid IS NULL OR p.reference_id = $1) GROUP BY 1
)
SELECT currency,
    CASE WHEN $2::timestamptz IS NULL AND $3::timestamptz IS NULL
    THEN coalesce((SELECT sum(amount) FROM taken t WHERE t.currency = b.currency), 0)
    ELSE coalesce(sum(amount) FILTER (
        WHERE account = 'provider_clearing' AND kind IN ('CAPTURE', 'EXCEPTION')), 0)
    END::bigint AS captured,
    -coalesce(sum(amount) FILTER (WHERE account = 'ticket_sales'), 0)::bigint AS tickets,
    -coalesce(sum(amount) FILTER (WHERE account = 'supplement_sales'), 0)::bigint AS supplements,
    -coalesce(sum(amount) FILTER (WHERE account = 'service_fees'), 0)::bigint AS service_fees,
    -coalesce(sum(amount) FILTER (WHERE account = 'goods_sales'), 0)::bigint AS goods,
    -coalesce(sum(amount) FILTER (WHERE account = 'prepaid_card_sales'), 0)::bigint
        AS prepaid_cards,
    -coalesce(sum(amount) FILTER (WHERE account = 'refunds_payable'), 0)::bigint
        AS refunds_pending,
    -coalesce(sum(amount) FILTER (
        WHERE account = 'provider_clearing' AND kind = 'REFUND_PAID'), 0)::bigint AS refunded,
    -coalesce(sum(amount) FILTER (
        WHERE account IN ('vouchers_issued', 'vouchers_spent')), 0)::bigint AS vouchers,
    -coalesce(sum(amount) FILTER (WHERE account = 'lapsed_remedies'), 0)::bigint
        AS lapsed_remedies,
    -coalesce(sum(amount) FILTER (WHERE account = 'exceptions'), 0)::bigint AS exceptions,
    coalesce((SELECT sum(cases) FROM open_cases o WHERE o.currency = b.currency), 0)::integer
        AS open_exceptions
FROM booked b GROUP BY currency ORDER BY currency"""
_DAYS = """
SELECT pos_id, day, orders, currency, captured, differences, compare_time
FROM provider_day ORDER BY day DESC, pos_id LIMIT $1"""
_CASE = """
SELECT c.id, c.cause, p.reference_id, c.attempt_number, c.pos_id, c.provider_order_id,
    c.ext_order_id, c.reported_currency, c.reported_amount, c.open_time, c.resolve_time,
    c.resolved_by, c.resolve_reason,
    (SELECT r.id FROM refund r WHERE r.state <> 'COMPLETED' AND r.id IN (c.id,
        CASE WHEN c.cause = 'REFUND_FAILING' THEN c.ext_order_id::uuid END)) AS refund_id,
    EXISTS (SELECT FROM stray_order s WHERE s.ext_order_id = c.ext_order_id
        AND s.next_step_at IS NOT NULL) AS is_being_cancelled
FROM exception_case c LEFT JOIN payment p ON p.id = c.payment_id"""
_CASES = f"""{_CASE}
WHERE ($1 OR c.resolve_time IS NULL)
  AND ($2::timestamptz IS NULL OR (c.open_time, c.id) > ($2, $3::uuid))
ORDER BY c.open_time, c.id LIMIT $4"""
_ONE_CASE = f"{_CASE} WHERE c.id = $1"
_JOURNAL = """
SELECT e.id, e.kind, e.key, p.reference_id, e.occur_time, e.currency, e.accounts, e.amounts
FROM journal_entry e LEFT JOIN payment p ON p.id = e.payment_id
WHERE ($1::uuid IS NULL OR p.reference_id = $1)
  AND ($2::timestamptz IS NULL OR (e.occur_time, e.id) > ($2, $3::uuid))
ORDER BY e.occur_time, e.id LIMIT $4"""


@dataclass(frozen=True, slots=True)
class SqlAudit:
    """The port `AuditReader`."""

    database: Database

    async def settlements(self, scope: SettlementScope) -> Sequence[Settlement]:
        rows = await self.database.fetch(
            _SETTLEMENTS, scope.reference_id, scope.booked_from, scope.booked_before
        )
        return [Settlement(**dict(row)) for row in rows]

    async def provider_days(self, limit: int) -> Sequence[ProviderDay]:
        rows = await self.database.fetch(_DAYS, limit)
        return [
            ProviderDay(
                pos_id=row["pos_id"],
                day=row["day"],
                orders=row["orders"],
                captured=Money(row["currency"], row["captured"]),
                differences=row["differences"],
                compare_time=row["compare_time"],
            )
            for row in rows
        ]

    async def exceptions(
        self, after: Place | None, limit: int, *, with_resolved: bool
    ) -> Sequence[ExceptionCase]:
        place = after or (None, None)
        rows = await self.database.fetch(_CASES, with_resolved, *place, limit)
        return [_case(row) for row in rows]

    async def exception(self, exception_id: UUID) -> ExceptionCase | None:
        row = await self.database.fetchrow(_ONE_CASE, exception_id)
        return None if row is None else _case(row)

    async def journal(
        self, reference_id: UUID | None, after: Place | None, limit: int
    ) -> Sequence[BookedEntry]:
        place = after or (None, None)
        rows = await self.database.fetch(_JOURNAL, reference_id, *place, limit)
        return [_entry(row) for row in rows]


def _case(row: "Record") -> ExceptionCase:
    values: dict[str, Any] = dict(row)
    currency, amount = values.pop("reported_currency"), values.pop("reported_amount")
    return ExceptionCase(
        cause=Cause(values.pop("cause")),
        attempt=values.pop("attempt_number"),
        reported=None if currency is None else Money(currency, amount),
        **values,
    )


def _entry(row: "Record") -> BookedEntry:
    lines = zip(row["accounts"], row["amounts"], strict=True)
    postings = [(account, Money(row["currency"], amount)) for account, amount in lines]
    return BookedEntry(
        row["id"], row["kind"], row["key"], row["reference_id"], row["occur_time"], postings
    )
