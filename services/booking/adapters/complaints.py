"""Complaints as rows: read on the database, written inside a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.order_saving import Runner
from services.booking.domain.complaint import (
    Complaint,
    ComplaintAnswer,
    ComplaintDecision,
    ComplaintKind,
    ComplaintScope,
    ComplaintTerms,
    OrderInQuestion,
)
from services.booking.domain.complaint_errors import ComplaintNotFoundError
from services.booking.use_cases.complaint_ports import (
    ComplaintFilter,
    ComplaintPlace,
)
from services.common.db.database import Database

_COLUMNS = """id, number, kind, scope, body, screening_id, order_id, order_number, cinema_id, owner,
    account_id, reply_email, language, received_at, purchased_at, is_late, due_date, overdue_at,
    decision, answer, answered_at"""
_READ = f"""
SELECT {_COLUMNS}, app_clock() AS read_at FROM complaint WHERE id = $1"""  # noqa: S608 - a constant of ours
_LOCK = f"{_READ} FOR UPDATE"
_ADD = f"""
INSERT INTO complaint ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $21)"""  # noqa: S608 - a constant of ours
_ANSWER = "UPDATE complaint SET decision = $2, answer = $3, answered_at = $4 WHERE id = $1"
_COUNT = "SELECT count(*) FROM complaint WHERE order_id = $1"
_NOW = "SELECT app_clock()"
_LIST = f"""
SELECT {_COLUMNS}, app_clock() AS read_at FROM complaint
WHERE ($1::text[] IS NULL OR cinema_id = ANY($1)) AND ($2::text IS NULL OR kind = $2)
  AND {{state}}
  AND ($3::timestamptz IS NULL OR (received_at, id) > ($3, $4::uuid))
ORDER BY received_at, id LIMIT $5"""  # noqa: S608 - a constant of ours
_ALL = _LIST.format(state="true")
_OPEN = _LIST.format(state="answered_at IS NULL")
_ANSWERED = _LIST.format(state="answered_at IS NOT NULL")
_OVERDUE = _LIST.format(state="answered_at IS NULL AND overdue_at <= app_clock()")


@dataclass(frozen=True, slots=True)
class ComplaintRows:
    """The port `Complaints` on a transaction's connection."""

    runner: Runner

    async def read_locked(self, complaint_id: UUID) -> Complaint:
        return await _read(self.runner, _LOCK, complaint_id)

    async def count_of_order(self, order_id: UUID) -> int:
        row = await self.runner.fetchrow(_COUNT, order_id)
        return 0 if row is None else int(row[0])

    async def now(self) -> datetime:
        row = await self.runner.fetchrow(_NOW)
        if row is None:
            raise LookupError("a SELECT without FROM has a row")
        now: datetime = row[0]
        return now

    async def add(self, complaint: Complaint) -> None:
        await self.runner.fetchrow(_ADD, *_values(complaint))

    async def save_answer(self, complaint: Complaint) -> None:
        answer = complaint.answer
        if answer is None:
            raise ValueError(f"complaint {complaint.id} has no answer")
        await self.runner.fetchrow(
            _ANSWER, complaint.id, answer.decision, answer.text, answer.answered_at
        )


@dataclass(frozen=True, slots=True)
class ComplaintReader:
    """The port `ComplaintReads`."""

    database: Database

    async def read(self, complaint_id: UUID) -> Complaint:
        return await _read(self.database, _READ, complaint_id)

    async def list(
        self, wanted: ComplaintFilter, after: ComplaintPlace | None, limit: int
    ) -> Sequence[Complaint]:
        received_at, complaint_id = after or (None, None)
        rows = await self.database.fetch(
            _statement_of(wanted),
            None if wanted.cinema_ids is None else list(wanted.cinema_ids),
            wanted.kind,
            received_at,
            complaint_id,
            limit,
        )
        return [complaint_of(row) for row in rows]


def complaint_of(row: Record) -> Complaint:
    """Make a complaint of its row."""
    return Complaint(
        id=row["id"],
        number=row["number"],
        kind=ComplaintKind(row["kind"]),
        scope=ComplaintScope(row["scope"]),
        text=row["body"],
        order=_order_of(row),
        owner=row["owner"],
        account_id=row["account_id"],
        reply_email=row["reply_email"],
        language=row["language"],
        received_at=row["received_at"],
        read_at=row["read_at"],
        terms=_terms_of(row),
        answer=_answer_of(row),
    )


async def _read(runner: Runner, query: str, complaint_id: UUID) -> Complaint:
    row = await runner.fetchrow(query, complaint_id)
    if row is None:
        raise ComplaintNotFoundError(complaint_id)
    return complaint_of(row)


def _statement_of(wanted: ComplaintFilter) -> str:
    if wanted.only_overdue:
        return _OVERDUE
    if wanted.is_answered is None:
        return _ALL
    return _ANSWERED if wanted.is_answered else _OPEN


def _order_of(row: Record) -> OrderInQuestion | None:
    if row["order_id"] is None:
        return None
    return OrderInQuestion(
        row["screening_id"], row["order_id"], row["order_number"], row["cinema_id"]
    )


def _terms_of(row: Record) -> ComplaintTerms | None:
    if row["due_date"] is None:
        return None
    return ComplaintTerms(row["purchased_at"], row["is_late"], row["due_date"], row["overdue_at"])


def _answer_of(row: Record) -> ComplaintAnswer | None:
    if row["answered_at"] is None:
        return None
    return ComplaintAnswer(ComplaintDecision(row["decision"]), row["answer"], row["answered_at"])


def _values(complaint: Complaint) -> tuple[Any, ...]:
    order, terms, answer = complaint.order, complaint.terms, complaint.answer
    return (
        complaint.id,
        complaint.number,
        complaint.kind,
        complaint.scope,
        complaint.text,
        order.screening_id if order else None,
        order.order_id if order else None,
        order.number if order else "",
        complaint.cinema_id,
        complaint.owner,
        complaint.account_id,
        complaint.reply_email,
        complaint.language,
        complaint.received_at,
        terms.purchased_at if terms else None,
        terms.is_late if terms else None,
        terms.due_date if terms else None,
        terms.overdue_at if terms else None,
        answer.decision if answer else None,
        answer.text if answer else None,
        answer.answered_at if answer else None,
    )
