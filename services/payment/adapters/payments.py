"""Payments in PostgreSQL: one document read under the row lock, then what changed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.common.db.database import Database
from services.common.db.errors import TransactionConflictError
from services.common.db.outbox import OutboxEvent
from services.common.db.transaction import Transaction
from services.common.ids import new_id
from services.payment.adapters.documents import read_locked
from services.payment.adapters.event_messages import outbox_event
from services.payment.adapters.exceptions import open_case
from services.payment.adapters.journal import insert_entry
from services.payment.adapters.payment_rows import ADD_ATTEMPT, SAVE_PAYMENT, Rows, payment_row
from services.payment.adapters.payment_writing import saving_of, write_together
from services.payment.domain.events import PaymentQuarantined
from services.payment.domain.payment import Payment
from services.payment.domain.stray import StrayOrder
from services.payment.use_cases.ports import Locked

if TYPE_CHECKING:
    from asyncpg import Connection

_BY_REFERENCE = """
SELECT lock_payment((SELECT id FROM payment WHERE owner = $1 AND reference_id = $2))"""
_BY_ID = "SELECT lock_payment($1)"
_ADD_TOMBSTONE = """
INSERT INTO payment (id, owner, reference_id, is_tombstone, state, create_time)
VALUES ($1, $2, $3, true, 'CANCELLED', app_clock())
ON CONFLICT DO NOTHING RETURNING id"""
_DROP_ATTEMPTS = "DELETE FROM payment_attempt WHERE payment_id = $1 AND number <> ALL ($2)"
_ADD_STRAY = """
INSERT INTO stray_order
    (ext_order_id, payment_id, pos_id, provider_order_id, expire_time, next_step_at)
VALUES ($1, $2, $3, $4, coalesce($5, app_clock()), app_clock())
ON CONFLICT (ext_order_id) DO UPDATE SET
    provider_order_id = coalesce(excluded.provider_order_id, stray_order.provider_order_id),
    next_step_at = app_clock(), settle_time = NULL"""
_IS_STRAY = "SELECT 1 FROM stray_order WHERE ext_order_id = $1"
_VOID_STRAY = """
UPDATE stray_order SET provider_order_id = $2, next_step_at = app_clock(), settle_time = NULL
WHERE ext_order_id = $1"""


@dataclass(slots=True)
class SqlPayments:
    """The payments of one transaction. What was loaded is remembered, to store only changes."""

    tx: Transaction
    _read: dict[UUID, Rows]

    @classmethod
    def of(cls, tx: Transaction) -> "SqlPayments":
        return cls(tx, {})

    @property
    def _driver(self) -> "Connection[Any]":
        return self.tx.driver

    async def lock(self, owner: str, reference_id: UUID) -> Locked:
        return self._remember(await self._driver.fetchval(_BY_REFERENCE, owner, reference_id))

    async def lock_by_id(self, payment_id: UUID) -> Locked:
        return self._remember(await self._driver.fetchval(_BY_ID, payment_id))

    async def add_tombstone(self, owner: str, reference_id: UUID) -> bool:
        added = await self._driver.fetchval(_ADD_TOMBSTONE, new_id(), owner, reference_id)
        return added is not None

    async def save(self, payment: Payment) -> None:
        before = self._read[payment.id]
        changed = before.changed_attempts(payment)
        if not before.is_changed(payment, changed):
            return
        events = []
        for version, event in enumerate(payment.events, payment.event_version + 1):
            case_id = new_id()
            events.append(outbox_event(payment, event, version, case_id))
            if isinstance(event, PaymentQuarantined):
                await open_case(self._driver, case_id, event, payment)
        payment.event_version += len(events)
        await self._save_rows(payment, changed, events)
        if before.has_dropped(payment):
            await self._driver.execute(_DROP_ATTEMPTS, payment.id, list(payment.attempts))
        for entry in payment.entries:
            await insert_entry(self._driver, entry, payment_id=payment.id)
        for stray in payment.strays:
            await self._add_stray(payment.id, stray)
        payment.forget_changes()

    async def _save_rows(
        self, payment: Payment, changed: list[tuple[Any, ...]], events: list[OutboxEvent]
    ) -> None:
        """Store what changed of a payment and its attempts, and tell the events."""
        before = self._read[payment.id]
        moved = [attempt for attempt in changed if before.has(attempt)]
        for attempt in moved:
            saving = saving_of(payment, attempt)
            if await write_together(self._driver, [saving], waits=True) == [None]:
                raise TransactionConflictError
            payment.version += 1
        if not moved:
            row = (*payment_row(payment), payment.version)
            if await self._driver.fetchval(SAVE_PAYMENT, *row) is None:
                raise TransactionConflictError
            payment.version += 1
        for attempt in changed:
            if not before.has(attempt):
                await self._driver.execute(ADD_ATTEMPT, *attempt, payment.id)
        await self.tx.outbox.add(*events)

    async def is_stray(self, ext_order_id: str) -> bool:
        return await self._driver.fetchval(_IS_STRAY, ext_order_id) is not None

    async def void_stray(self, ext_order_id: str, provider_order_id: str) -> None:
        await self._driver.execute(_VOID_STRAY, ext_order_id, provider_order_id)

    async def add_stray(self, stray: StrayOrder) -> None:
        await self._add_stray(None, stray)

    def _remember(self, document: str) -> Locked:
        locked = read_locked(document)
        if locked.payment is not None:
            self._read[locked.payment.id] = Rows.of(locked.payment)
        return locked

    async def _add_stray(self, payment_id: UUID | None, stray: StrayOrder) -> None:
        await self._driver.execute(
            _ADD_STRAY,
            stray.ext_order_id,
            payment_id,
            stray.pos_id,
            stray.provider_order_id,
            stray.expire_time,
        )


@dataclass(frozen=True, slots=True)
class SqlPaymentReader:
    """Reads payments outside of transactions, in one statement each."""

    database: Database

    async def find(self, owner: str | None, reference_id: UUID) -> Payment | None:
        return _found(
            await self.database.fetchval(
                "SELECT payment_document(p) FROM payment p"
                " WHERE reference_id = $2 AND ($1::text IS NULL OR owner = $1)"
                " AND NOT is_tombstone LIMIT 1",
                owner,
                reference_id,
            )
        )

    async def find_by_id(self, payment_id: UUID) -> Payment | None:
        return _found(await self.database.fetchval("SELECT read_payment($1)", payment_id))


def _found(document: str | None) -> Payment | None:
    return None if document is None else read_locked(document).payment
