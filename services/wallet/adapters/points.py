"""Loyalty points: in one transaction, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.wallet.adapters.account_events import next_account_version
from services.wallet.adapters.event_messages import points_credited
from services.wallet.domain.points import (
    LotState,
    PointAccount,
    PointEntry,
    PointKind,
    PointLot,
)
from services.wallet.use_cases.points_ports import ListedPointEntry, PointsRead

_OPEN = "INSERT INTO point_account (account_id) VALUES ($1) ON CONFLICT DO NOTHING"
_LOCK = """
SELECT account_id, pending, balance, debt, ledger_id, (app_clock() AT TIME ZONE $2)::date AS today
FROM point_account WHERE account_id = $1 FOR UPDATE"""
_LOTS = """
SELECT id, order_id, state, points, points_left, post_time, last_date FROM point_lot
WHERE account_id = $1 AND (state = 'PENDING' OR points_left > 0 OR order_id = $2)"""
_SAVE_LOTS = """
INSERT INTO point_lot (id, account_id, order_id, state, points, points_left, post_time, last_date)
SELECT id, $1, order_id, state, points, points_left, post_time, last_date
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::integer[], $7::timestamptz[],
            $8::date[]) AS new (id, order_id, state, points, points_left, post_time, last_date)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, points_left = excluded.points_left, last_date = excluded.last_date"""
_ADD_ENTRY = """
INSERT INTO point_entry (account_id, kind, pending_delta, balance_delta, debt_delta, lot_id,
                         order_id, card_id, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_SAVE = "UPDATE point_account SET pending = $2, balance = $3, debt = $4 WHERE account_id = $1"
_OF_ORDER = "SELECT account_id FROM point_lot WHERE order_id = $1"

_LIVE_OF_ORDER = """
SELECT coalesce(sum(points), 0)::integer FROM point_lot WHERE order_id = $1 AND state <> 'VOID'"""
_READ = "SELECT pending, balance, debt FROM point_account WHERE account_id = $1"
_EXPIRING = """
SELECT sum(points_left)::integer AS points, last_date FROM point_lot
WHERE account_id = $1 AND state = 'POSTED' AND points_left > 0
  AND last_date >= (app_clock() AT TIME ZONE $2)::date
GROUP BY last_date ORDER BY last_date LIMIT 20"""
_ENTRIES = """
SELECT number, kind, pending_delta, balance_delta, debt_delta, lot_id, order_id, card_id, occur_time
FROM point_entry
WHERE account_id = $1 AND ($2::bigint IS NULL OR number < $2) ORDER BY number DESC LIMIT $3"""
_DUE = """
SELECT DISTINCT account_id FROM (
    SELECT account_id FROM point_lot WHERE state = 'PENDING' AND post_time < (SELECT app_clock())
    UNION ALL
    SELECT account_id FROM point_lot
    WHERE points_left > 0 AND last_date < (SELECT (app_clock() AT TIME ZONE $2)::date)
) due LIMIT $1"""
_NOW = "SELECT app_clock()"


@dataclass(frozen=True, slots=True)
class PointStore:
    """The port of the same name."""

    tx: Transaction
    time_zone: str

    async def lock(self, account_id: UUID, order_id: UUID | None = None) -> PointAccount:
        driver = self.tx.driver
        await driver.execute(_OPEN, account_id)
        row = await driver.fetchrow(_LOCK, account_id, self.time_zone)
        if row is None:
            raise LookupError(f"the points of {account_id} vanished")
        lots = await driver.fetch(_LOTS, account_id, order_id)
        return PointAccount(
            account_id=account_id,
            pending=row["pending"],
            balance=row["balance"],
            debt=row["debt"],
            lots=[_lot_of(lot) for lot in lots],
            today=row["today"],
            now=await driver.fetchval(_NOW),
            entries=[],
            ledger_id=row["ledger_id"],
        )

    async def save(self, account: PointAccount, *, reason: str = "") -> None:
        driver, account_id = self.tx.driver, account.account_id
        if not account.entries:
            return
        await driver.execute(
            _SAVE_LOTS,
            account_id,
            [lot.id for lot in account.lots],
            [lot.order_id for lot in account.lots],
            [lot.state for lot in account.lots],
            [lot.points for lot in account.lots],
            [lot.points_left for lot in account.lots],
            [lot.post_time for lot in account.lots],
            [lot.last_date for lot in account.lots],
        )
        for entry in account.entries:
            await driver.execute(_ADD_ENTRY, account_id, *_values(entry), reason)
            if entry.kind in {PointKind.POST, PointKind.CREDIT}:
                version = await next_account_version(self.tx, account_id)
                await self.tx.outbox.add(points_credited(account_id, version, entry))
        await driver.execute(_SAVE, account_id, account.pending, account.balance, account.debt)

    async def account_of_order(self, order_id: UUID) -> UUID | None:
        account_id: UUID | None = await self.tx.driver.fetchval(_OF_ORDER, order_id)
        return account_id


@dataclass(frozen=True, slots=True)
class PointReader:
    """The port `Points`."""

    database: Database
    time_zone: str

    async def read(self, account_id: UUID) -> PointsRead:
        row = await self.database.fetchrow(_READ, account_id)
        expiring = await self.database.fetch(_EXPIRING, account_id, self.time_zone)
        if row is None:
            return PointsRead(0, 0, 0, [])
        return PointsRead(
            row["balance"],
            row["pending"],
            row["debt"],
            [(each["points"], each["last_date"]) for each in expiring],
        )

    async def entries(
        self, account_id: UUID, before: int | None, limit: int
    ) -> Sequence[ListedPointEntry]:
        rows = await self.database.fetch(_ENTRIES, account_id, before, limit)
        return [ListedPointEntry(row["number"], row["occur_time"], _entry_of(row)) for row in rows]

    async def of_order(self, order_id: UUID) -> int:
        points: int = await self.database.fetchval(_LIVE_OF_ORDER, order_id)
        return points

    async def due(self, limit: int) -> Sequence[UUID]:
        rows = await self.database.fetch(_DUE, limit, self.time_zone)
        return [row["account_id"] for row in rows]


def _values(entry: PointEntry) -> tuple[object, ...]:
    return (
        entry.kind,
        entry.pending,
        entry.balance,
        entry.debt,
        entry.lot_id,
        entry.order_id,
        entry.card_id,
    )


def _entry_of(row: Record) -> PointEntry:
    return PointEntry(
        kind=PointKind(row["kind"]),
        pending=row["pending_delta"],
        balance=row["balance_delta"],
        debt=row["debt_delta"],
        lot_id=row["lot_id"],
        order_id=row["order_id"],
        card_id=row["card_id"],
    )


def _lot_of(row: Record) -> PointLot:
    return PointLot(
        id=row["id"],
        state=LotState(row["state"]),
        points=row["points"],
        points_left=row["points_left"],
        order_id=row["order_id"],
        last_date=row["last_date"],
        post_time=row["post_time"],
    )
