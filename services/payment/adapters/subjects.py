"""Buyers in payment's tables: what is kept about their purchases, and what of it names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.common.db.audit import AuditEntry
from services.common.db.database import Database
from services.common.db.subjects import SubjectSection, read_subject_page
from services.common.db.transaction import Transaction
from services.common.subjects import SubjectPage, SubjectPlace

_AFTER_ID = "($1::text IS NULL OR {key} > ($1::text)::uuid)"
_PAIR = "(split_part($1::text, '/', 1)::uuid, split_part($1::text, '/', 2)::integer)"

_PAYMENTS = f"""
SELECT p.id::text AS place, p.id, p.owner, p.reference_id, p.state, p.currency, p.amount,
    p.captured, p.kept_fees, p.refunded, p.converted, p.lines, p.create_time
FROM payment p
WHERE p.reference_id = ANY($3) AND {_AFTER_ID.format(key="p.id")} ORDER BY p.id LIMIT $2"""  # noqa: S608 - ours
_ATTEMPTS = f"""
SELECT a.payment_id || '/' || a.number AS place, a.payment_id, a.number, a.state, a.ext_order_id,
    a.pos_id, a.provider_order_id, a.redirect_url, a.opening, a.decision, a.refusal_reason,
    a.decision_time, a.capture_sent_time
FROM payment p JOIN payment_attempt a ON a.payment_id = p.id
WHERE p.reference_id = ANY($3) AND ($1::text IS NULL OR (a.payment_id, a.number) > {_PAIR})
ORDER BY a.payment_id, a.number LIMIT $2"""  # noqa: S608 - ours
_REFUNDS = f"""
SELECT r.id::text AS place, r.id, r.payment_id, r.provider_order_id, r.currency, r.amount,
    r.reason, r.state, r.failure_code, r.create_time, r.complete_time
FROM payment p JOIN refund r ON r.payment_id = p.id
WHERE p.reference_id = ANY($3) AND {_AFTER_ID.format(key="r.id")} ORDER BY r.id LIMIT $2"""  # noqa: S608 - ours
_SPENDINGS = f"""
SELECT s.spending_id::text AS place, s.spending_id, s.payment_id, s.currency, s.amount,
    s.spend_time
FROM payment p JOIN spending s ON s.payment_id = p.id
WHERE p.reference_id = ANY($3) AND {_AFTER_ID.format(key="s.spending_id")}
ORDER BY s.spending_id LIMIT $2"""  # noqa: S608 - ours
_EXCEPTIONS = f"""
SELECT c.id::text AS place, c.id, c.payment_id, c.cause, c.provider_order_id,
    c.reported_currency AS currency, c.reported_amount, c.open_time, c.resolve_time,
    c.resolve_reason
FROM payment p JOIN exception_case c ON c.payment_id = p.id
WHERE p.reference_id = ANY($3) AND {_AFTER_ID.format(key="c.id")} ORDER BY c.id LIMIT $2"""  # noqa: S608 - ours
_JOURNAL = f"""
SELECT e.id::text AS place, e.id, e.payment_id, e.kind, e.occur_time,
    (SELECT json_agg(json_build_object('account', l.account, 'currency', l.currency,
            'amount', l.amount) ORDER BY l.line)
     FROM journal_posting l WHERE l.entry_id = e.id) AS postings
FROM payment p JOIN journal_entry e ON e.payment_id = p.id
WHERE p.reference_id = ANY($3) AND {_AFTER_ID.format(key="e.id")} ORDER BY e.id LIMIT $2"""  # noqa: S608 - ours
_SECTIONS = (
    ("payment", _PAYMENTS),
    ("payment_attempt", _ATTEMPTS),
    ("refund", _REFUNDS),
    ("spending", _SPENDINGS),
    ("payment_exception", _EXCEPTIONS),
    ("journal_entry", _JOURNAL),
)

_LOCK = "SELECT id FROM payment WHERE reference_id = ANY($1) ORDER BY id FOR UPDATE"
_BLOCKERS = """
SELECT 'PAYMENT' AS blocker FROM payment p JOIN payment_attempt a ON a.payment_id = p.id
WHERE p.reference_id = ANY($1)
  AND a.state NOT IN ('CAPTURED', 'FAILED', 'CANCELLED', 'QUARANTINED')
UNION
SELECT 'REFUND' FROM payment p JOIN refund r ON r.payment_id = p.id
WHERE p.reference_id = ANY($1) AND r.state <> 'COMPLETED'
UNION
SELECT 'EXCEPTION' FROM payment p JOIN exception_case c ON c.payment_id = p.id
WHERE p.reference_id = ANY($1) AND c.resolve_time IS NULL
ORDER BY blocker"""
# The version moves too: whoever read a payment before this reads it again before storing it.
_ERASE = """
WITH erased AS (
    UPDATE payment SET version = version + 1 WHERE reference_id = ANY($1) RETURNING id
), attempts AS (
    UPDATE payment_attempt SET opening = NULL, redirect_url = NULL
    FROM erased WHERE payment_id = erased.id
)
SELECT count(*)::integer FROM erased"""


@dataclass(frozen=True, slots=True)
class SqlSubjectReader:
    """The port `SubjectReader`."""

    database: Database

    async def page(self, reference_ids: Sequence[UUID], place: SubjectPlace | None) -> SubjectPage:
        sections = [SubjectSection(kind, sql, (list(reference_ids),)) for kind, sql in _SECTIONS]
        return await read_subject_page(self.database, sections, place)


@dataclass(frozen=True, slots=True)
class SqlSubjects:
    """The port `SubjectStore`."""

    tx: Transaction

    async def blockers(self, reference_ids: Sequence[UUID]) -> Sequence[str]:
        wanted = list(reference_ids)
        await self.tx.driver.execute(_LOCK, wanted)
        return [row["blocker"] for row in await self.tx.driver.fetch(_BLOCKERS, wanted)]

    async def erase(self, reference_ids: Sequence[UUID]) -> int:
        payments: int = await self.tx.driver.fetchval(_ERASE, list(reference_ids))
        return payments

    async def note(self, entry: AuditEntry) -> None:
        await self.tx.audit.add(entry)
