"""Transactions as the use cases see them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.money import Money
from services.payment.adapters.exceptions import SqlExceptionBook
from services.payment.adapters.journal import insert_entry
from services.payment.adapters.payment_rows import notification_row
from services.payment.adapters.payments import SqlPayments
from services.payment.adapters.refunds import SqlRefunds
from services.payment.adapters.subjects import SqlSubjects
from services.payment.domain.budget import Purpose
from services.payment.domain.journal import Entry
from services.payment.domain.refund import RefundEffect
from services.payment.domain.report import Effect
from services.payment.use_cases.ports import NotificationFacts
from services.payment.use_cases.refund_ports import StoredSpending

if TYPE_CHECKING:
    from asyncpg import Connection

_FIND_SPENDING = """
SELECT payment_id, currency, amount, remaining, purpose FROM spending WHERE spending_id = $1"""
_ADD_SPENDING = """
INSERT INTO spending (spending_id, payment_id, currency, amount, remaining, purpose)
VALUES ($1, $2, $3, $4, $5, $6)"""
_ADD_NOTIFICATION = """
INSERT INTO notification (digest, pos_id, ext_order_id, provider_order_id, status, effect)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING 1"""


@dataclass(frozen=True, slots=True)
class SqlSpendings:
    """What was taken from budgets, by its own key."""

    tx: Transaction

    async def find(self, spending_id: UUID) -> StoredSpending | None:
        row = await self.tx.driver.fetchrow(_FIND_SPENDING, spending_id)
        if row is None:
            return None
        currency = row["currency"]
        return StoredSpending(
            row["payment_id"],
            Money(currency, row["amount"]),
            Money(currency, row["remaining"]),
            Purpose(row["purpose"]),
        )

    async def add(
        self, spending_id: UUID, payment_id: UUID, amount: Money, left: Money, purpose: Purpose
    ) -> None:
        await self.tx.driver.execute(
            _ADD_SPENDING,
            spending_id,
            payment_id,
            amount.currency,
            amount.minor_units,
            left.minor_units,
            purpose,
        )


@dataclass(frozen=True, slots=True)
class SqlNotifications:
    """The inbox of notifications, by the digest of their bytes, inside a transaction."""

    driver: "Connection[Any]"

    async def add(self, facts: NotificationFacts, effect: Effect | RefundEffect) -> bool:
        added = await self.driver.fetchval(_ADD_NOTIFICATION, *notification_row(facts, effect))
        return added is not None


@dataclass(slots=True)
class SqlTransaction:
    """The stores of payment inside one database transaction."""

    tx: Transaction
    payments: SqlPayments = field(init=False)
    spendings: SqlSpendings = field(init=False)
    notifications: SqlNotifications = field(init=False)
    exceptions: SqlExceptionBook = field(init=False)
    refunds: SqlRefunds = field(init=False)
    subjects: SqlSubjects = field(init=False)

    def __post_init__(self) -> None:
        self.payments = SqlPayments.of(self.tx)
        self.spendings = SqlSpendings(self.tx)
        self.notifications = SqlNotifications(self.tx.driver)
        self.exceptions = SqlExceptionBook(self.tx)
        self.refunds = SqlRefunds(self.tx.driver)
        self.subjects = SqlSubjects(self.tx)

    async def book(self, entry: Entry, payment_id: UUID | None) -> None:
        await insert_entry(self.tx.driver, entry, payment_id=payment_id)

    async def commit(self) -> None:
        await self.tx.commit()


@dataclass(frozen=True, slots=True)
class SqlTransactions:
    """Call it to begin a transaction, READ COMMITTED with the payment's row lock."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with self.database.transaction() as tx:
            yield SqlTransaction(tx)
