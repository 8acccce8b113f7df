"""Marks copies of catalog's facts as out of date; boards are locked before copies are touched."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking.adapters.holiday_copies import mark_holidays
from services.common.db.database import Database
from services.common.db.transaction import Transaction

MAX_DUE_CHANGES = 100

_TELL = """
UPDATE screening_board SET facts_version = facts_version + 1 WHERE screening_id = $1"""
_STOP = """
UPDATE screening_board SET facts_version = facts_version + 1, sales_state = 'STOPPED'
WHERE screening_id = $1"""
# What is off stays off.
_MOVE = """
UPDATE screening_board SET facts_version = facts_version + 1,
    sales_state = CASE sales_state WHEN 'ON_SALE' THEN 'MOVING' ELSE sales_state END
WHERE screening_id = $1"""
_MARK = "UPDATE screening_copy SET stale = true WHERE screening_id = $1"

_IS_DUE = "SELECT $1::timestamptz <= app_clock()"
_KEEP_FOR_LATER = """
INSERT INTO facts_change (scope, scope_id, effective_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING"""
_DUE = "FROM facts_change WHERE effective_at <= (SELECT app_clock())"
CHANGES_ARE_DUE = f"(SELECT true {_DUE} ORDER BY effective_at LIMIT 1)"
_TAKE_DUE = f"""
DELETE FROM facts_change WHERE (effective_at, scope, scope_id) IN (
    SELECT effective_at, scope, scope_id {_DUE}
    ORDER BY effective_at LIMIT $1)
RETURNING scope, scope_id"""  # noqa: S608 - a constant of ours

_COLUMNS = {"CINEMA": "cinema_id", "POLICY": "policy_code"}
_LOCK_ALL = """
SELECT screening_id FROM screening_board
WHERE screening_id IN (SELECT screening_id FROM screening_copy WHERE {column} = $1)
ORDER BY screening_id FOR UPDATE"""
_TELL_ALL = """
UPDATE screening_board SET facts_version = facts_version + 1 WHERE screening_id = ANY($1)"""
_MARK_ALL = "UPDATE screening_copy SET stale = true WHERE screening_id = ANY($1)"


@dataclass(frozen=True, slots=True)
class FactsMarkStore:
    """The port `FactsMarks` on a transaction."""

    tx: Transaction

    async def screening_changed(self, screening_id: UUID) -> None:
        await self.tx.driver.execute(_TELL, screening_id)
        await self.tx.driver.execute(_MARK, screening_id)

    async def screening_moved(self, screening_id: UUID) -> None:
        await self.tx.driver.execute(_MOVE, screening_id)
        await self.tx.driver.execute(_MARK, screening_id)

    async def screening_called_off(self, screening_id: UUID) -> None:
        await self.tx.driver.execute(_STOP, screening_id)
        await self.tx.driver.execute(_MARK, screening_id)

    async def prices_change(self, cinema_id: str, effective_at: datetime) -> None:
        await self._change("CINEMA", cinema_id, effective_at)

    async def terms_change(self, policy_code: str, effective_at: datetime) -> None:
        await self._change("POLICY", policy_code, effective_at)

    async def holidays_set(self, country_code: str, year: int) -> None:
        await mark_holidays(self.tx, country_code, year)

    async def mark_scope(self, scope: str, scope_id: str) -> None:
        """Mark all screenings of a cinema or under a policy."""
        driver: Any = self.tx.driver
        rows = await driver.fetch(_LOCK_ALL.format(column=_COLUMNS[scope]), scope_id)
        screening_ids = [row["screening_id"] for row in rows]
        await driver.execute(_TELL_ALL, screening_ids)
        await driver.execute(_MARK_ALL, screening_ids)

    async def _change(self, scope: str, scope_id: str, effective_at: datetime) -> None:
        if await self.tx.driver.fetchval(_IS_DUE, effective_at):
            await self.mark_scope(scope, scope_id)
        else:
            await self.tx.driver.execute(_KEEP_FOR_LATER, scope, scope_id, effective_at)


@dataclass(frozen=True, slots=True)
class StopTransaction:
    """A transaction that stops the sale of a screening."""

    tx: Transaction

    async def screening_called_off(self, screening_id: UUID) -> None:
        await FactsMarkStore(self.tx).screening_called_off(screening_id)

    async def commit(self) -> None:
        await self.tx.commit()


@dataclass(frozen=True, slots=True)
class StopTransactions:
    """Opens them: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[StopTransaction]:
        async with self.database.transaction() as tx:
            yield StopTransaction(tx)


@dataclass(frozen=True, slots=True)
class DueChanges:
    """Lets prices and terms that were published for later come into force."""

    database: Database

    async def __call__(self) -> int:
        """Mark what has become due; tells how many changes that were."""
        async with self.database.transaction() as tx:
            due = await tx.driver.fetch(_TAKE_DUE, MAX_DUE_CHANGES)
            for change in due:
                await FactsMarkStore(tx).mark_scope(change["scope"], change["scope_id"])
            await tx.commit()
        return len(due)
