"""Refunds in PostgreSQL: under the lock of their payment, or their own when they have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.common.db.database import Database
from services.common.money import Money
from services.payment.domain.refund import Refund, RefundReason, RefundReport, RefundState

if TYPE_CHECKING:
    from asyncpg import Connection, Record

_COLUMNS = """
    id, payment_id, owner, reference_id, pos_id, provider_order_id, currency, amount, reason,
    state, round, provider_refund_id, failure_code, is_reported, create_time, complete_time,
    next_step_at"""
_ADD = f"""
INSERT INTO refund ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608 - ours
_FIND = f"SELECT {_COLUMNS} FROM refund WHERE id = $1"  # noqa: S608 - ours
_FIND_ID = """
SELECT id FROM refund
WHERE pos_id = $1 AND provider_order_id = $2 AND provider_refund_id = $3"""
_LOCK = f"SELECT {_COLUMNS}, app_clock() AS now FROM refund WHERE id = $1 FOR UPDATE"  # noqa: S608 - ours
_OF_PAYMENT = f"""
SELECT {_COLUMNS} FROM refund WHERE payment_id = $1 ORDER BY create_time, id LIMIT $2"""  # noqa: S608 - ours
_SAVE = """
UPDATE refund SET state = $2, round = $3, provider_refund_id = $4, failure_code = $5,
    is_reported = $6, complete_time = $7, next_step_at = $8, step_count = 0
WHERE id = $1"""
MAX_REFUNDS_PER_PAYMENT = 100


async def insert_refund(driver: "Connection[Any]", refund: Refund) -> bool:
    """Store a new one; false when its ID is taken."""
    added = await driver.fetchval(
        _ADD,
        refund.id,
        refund.payment_id,
        refund.owner,
        refund.reference_id,
        refund.pos_id,
        refund.provider_order_id,
        refund.amount.currency,
        refund.amount.minor_units,
        refund.reason,
        refund.state,
        refund.round,
        refund.provider_refund_id,
        refund.failure_code,
        refund.is_reported,
        refund.create_time,
        refund.complete_time,
        refund.next_step_at,
    )
    return added is not None


@dataclass(frozen=True, slots=True)
class SqlRefunds:
    """The refunds of one transaction."""

    driver: "Connection[Any]"

    async def find(self, refund_id: UUID) -> Refund | None:
        row = await self.driver.fetchrow(_FIND, refund_id)
        return None if row is None else _refund(row)

    async def find_id(self, report: RefundReport) -> UUID | None:
        found: UUID | None = await self.driver.fetchval(
            _FIND_ID, report.pos_id, report.provider_order_id, report.provider_refund_id
        )
        return found

    async def lock(self, refund_id: UUID) -> tuple[Refund, datetime]:
        row = await self.driver.fetchrow(_LOCK, refund_id)
        if row is None:
            raise LookupError(refund_id)
        return _refund(row), row["now"]

    async def add(self, refund: Refund) -> bool:
        return await insert_refund(self.driver, refund)

    async def save(self, refund: Refund) -> None:
        await self.driver.execute(
            _SAVE,
            refund.id,
            refund.state,
            refund.round,
            refund.provider_refund_id,
            refund.failure_code,
            refund.is_reported,
            refund.complete_time,
            refund.next_step_at,
        )


@dataclass(frozen=True, slots=True)
class SqlRefundReader:
    """Reads refunds outside of transactions."""

    database: Database

    async def find(self, owner: str | None, refund_id: UUID) -> Refund | None:
        row = await self.database.fetchrow(_FIND, refund_id)
        return None if row is None or owner not in {None, row["owner"]} else _refund(row)

    async def of_payment(self, payment_id: UUID) -> Sequence[Refund]:
        rows = await self.database.fetch(_OF_PAYMENT, payment_id, MAX_REFUNDS_PER_PAYMENT)
        return [_refund(row) for row in rows]


def _refund(row: "Record") -> Refund:
    return Refund(
        id=row["id"],
        payment_id=row["payment_id"],
        owner=row["owner"],
        reference_id=row["reference_id"],
        pos_id=row["pos_id"],
        provider_order_id=row["provider_order_id"],
        amount=Money(row["currency"], row["amount"]),
        reason=RefundReason(row["reason"]),
        create_time=row["create_time"],
        state=RefundState(row["state"]),
        round=row["round"],
        provider_refund_id=row["provider_refund_id"],
        failure_code=row["failure_code"],
        is_reported=row["is_reported"],
        next_step_at=row["next_step_at"],
        complete_time=row["complete_time"],
    )
