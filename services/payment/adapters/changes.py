"""Changes of one payment without locking anybody out: read, changed, stored if nobody was faster."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from asyncpg import Record, UniqueViolationError

from services.common.db.database import Database
from services.common.db.errors import TransactionConflictError
from services.common.db.outbox import OutboxEvent
from services.common.db.together import Together
from services.common.gathering import Pace
from services.payment.adapters.documents import read_locked
from services.payment.adapters.event_messages import outbox_event
from services.payment.adapters.inbox import SqlInbox
from services.payment.adapters.payment_rows import Rows
from services.payment.adapters.payment_writing import (
    Writing,
    adding_of,
    saving_of,
    write_together,
)
from services.payment.adapters.payments import SqlPayments
from services.payment.adapters.seen_clock import SeenClock
from services.payment.adapters.seen_payments import SeenPayments
from services.payment.adapters.transactions import SqlNotifications
from services.payment.domain.events import PaymentQuarantined
from services.payment.domain.payment import Payment
from services.payment.domain.report import Effect
from services.payment.use_cases.change_ports import Change, Judge
from services.payment.use_cases.ports import Locked, NotificationFacts

MAX_TRIES = 6

_DOCUMENT = "SELECT payment_document(p) FROM (SELECT) one LEFT JOIN payment p ON "
_BY_REFERENCE = f"{_DOCUMENT} p.owner = $1 AND p.reference_id = $2"
_BY_ID = f"{_DOCUMENT} p.id = $1"
_BY_ORDER = f"{_DOCUMENT} p.id = (SELECT payment_id FROM payment_attempt WHERE ext_order_id = $1)"  # noqa: S608 - a constant of ours
_NOTIFICATION_KEY = "notification_pkey"
# What a payment in memory is good for. Whatever else comes of it may come of its age.
_EXPECTED = frozenset({Effect.AUTHORIZED, Effect.CAPTURED})


class _KnownError(Exception):
    """The notification was taken in before."""


@dataclass(slots=True)
class SqlChanges:
    """The port `PaymentChanges`. Nearly every change is one statement, its own transaction.

    Those that come within `min_interval_ms` of the last one share the next: nobody is kept waiting
    by them longer than that, nor at all in a quiet process.
    """

    database: Database
    min_interval_ms: int = 0
    inbox: SqlInbox = field(init=False)
    _writing: Together[Writing, Record] = field(init=False)
    _clock: SeenClock = field(default_factory=SeenClock)
    _seen: SeenPayments = field(default_factory=SeenPayments)

    def __post_init__(self) -> None:
        run = partial(write_together, self.database)
        self._writing = Together(run, pace=Pace(self.min_interval_ms))
        self.inbox = SqlInbox(self._writing)

    async def by_new_reference(
        self, owner: str, reference_id: UUID, change: Change
    ) -> Payment | None:
        payment = change(Locked(None, is_tombstone=False, now=datetime.now(UTC)))
        if payment is not None and await self._store(Rows.of(None), payment):
            return payment
        return await self.by_reference(owner, reference_id, change)

    async def by_reference(self, owner: str, reference_id: UUID, change: Change) -> Payment | None:
        for _ in range(MAX_TRIES):
            found, before = await self._read(_BY_REFERENCE, owner, reference_id)
            payment = change(found)
            if payment is None or await self._store(before, payment):
                return payment or found.payment
        raise TransactionConflictError

    async def by_id(
        self, payment_id: UUID, change: Change, *, may_be_lost: bool = False
    ) -> Payment | None:
        for _ in range(MAX_TRIES):
            found, before = await self._read(_BY_ID, payment_id)
            payment = change(found)
            if payment is None or await self._store(before, payment, may_be_lost=may_be_lost):
                return payment or found.payment
        raise TransactionConflictError

    async def following(
        self, payment: Payment, change: Change, *, may_be_lost: bool = False
    ) -> Payment | None:
        before = Rows.of(payment)
        found = Locked(payment, is_tombstone=False, now=self._clock.now())
        changed = change(found)
        if changed is None or await self._store(before, changed, may_be_lost=may_be_lost):
            return payment
        return await self.by_id(payment.id, change, may_be_lost=may_be_lost)

    def has_named(self, ext_order_id: str) -> bool:
        return self._seen.has_named(ext_order_id)

    async def by_notification(self, facts: NotificationFacts, judge: Judge) -> Effect | None:
        try:
            if (effect := await self._by_memory(facts, judge)) is not None:
                return effect
            for _ in range(MAX_TRIES):
                found, before = await self._read(_BY_ORDER, facts.ext_order_id)
                effect = judge(found)
                if effect is None or found.payment is None:
                    return None
                if await self._store(before, found.payment, (facts, effect)):
                    return effect
        except _KnownError:
            return Effect.REPEATED
        raise TransactionConflictError

    async def _by_memory(self, facts: NotificationFacts, judge: Judge) -> Effect | None:
        """Change the payment as this process stored it last, if that is still what it is."""
        payment = self._seen.take(facts.ext_order_id)
        if payment is None:
            return None
        before = Rows.of(payment)
        effect = judge(Locked(payment, is_tombstone=False, now=self._clock.now()))
        if effect in _EXPECTED and await self._store(before, payment, (facts, effect)):
            return effect
        return None

    async def _read(self, query: str, *key: Any) -> tuple[Locked, Rows]:
        found = read_locked(await self.database.fetchval(query, *key))
        self._clock.saw(found.now)
        return found, Rows.of(found.payment)

    async def _store(
        self,
        before: Rows,
        payment: Payment,
        notification: tuple[NotificationFacts, Effect] | None = None,
        *,
        may_be_lost: bool = False,
    ) -> bool:
        """Store what has changed since `before`; false when somebody else was faster."""
        if before.payment is None:
            return await self._add(payment)
        attempts = before.changed_attempts(payment)
        if not before.is_changed(payment, attempts):
            return await self._note(notification)
        if (
            len(attempts) != 1
            or not before.has(attempts[0])
            or not _fits_one_statement(before, payment)
        ):
            return await self._store_in_steps(payment, notification)
        event = _only_event(payment)
        saving = saving_of(
            payment,
            attempts[0],
            event=(event, self.database.trace()) if event else None,
            notification=notification,
            entry=payment.entries[0] if payment.entries else None,
            may_be_lost=may_be_lost,
        )
        try:
            is_stored = await self._writing(saving) is not None
        except UniqueViolationError as error:
            if error.constraint_name != _NOTIFICATION_KEY:
                raise
            raise _KnownError from error
        if is_stored and event is not None and event.is_awaited and self.database.wake_relay:
            self.database.wake_relay()
        payment.forget_changes()
        if is_stored:
            payment.version += 1
            self._seen.keep(payment)
        return is_stored

    async def _add(self, payment: Payment) -> bool:
        (attempt,) = payment.attempts.values()
        added = await self._writing(adding_of(payment, attempt))
        if added is None:
            return False
        added_at = added["create_time"]
        self._clock.saw(added_at)
        _count_from(payment, added_at)
        return True

    async def _note(self, notification: tuple[NotificationFacts, Effect] | None) -> bool:
        """Store a notification that changes nothing."""
        if notification and not await self.inbox.add(*notification):
            raise _KnownError
        return True

    async def _store_in_steps(
        self, payment: Payment, notification: tuple[NotificationFacts, Effect] | None
    ) -> bool:
        """Store what is too much for one statement, in a transaction under the row's lock."""
        async with self.database.transaction() as tx:
            payments = SqlPayments.of(tx)
            current = (await payments.lock_by_id(payment.id)).payment
            if current is None or current.version != payment.version:
                return False
            await payments.save(payment)
            if notification and not await SqlNotifications(tx.driver).add(*notification):
                raise _KnownError
            await tx.commit()
        return True


def _fits_one_statement(before: Rows, payment: Payment) -> bool:
    return (
        len(payment.events) <= 1
        and not any(isinstance(event, PaymentQuarantined) for event in payment.events)
        and len(payment.entries) <= 1
        and not payment.strays
        and not before.has_dropped(payment)
    )


def _count_from(payment: Payment, stored_at: datetime) -> None:
    """Count the times of a new payment from the moment that it was stored."""
    later = stored_at - payment.create_time
    payment.create_time = stored_at
    for attempt in payment.attempts.values():
        attempt.expire_time += later
        if attempt.next_step_at is not None:
            attempt.next_step_at += later


def _only_event(payment: Payment) -> OutboxEvent | None:
    if not payment.events:
        return None
    payment.event_version += 1
    return outbox_event(payment, payment.events[0], payment.event_version, payment.id)
