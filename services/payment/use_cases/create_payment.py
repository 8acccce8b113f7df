"""Open an attempt to pay."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.common.money import Money
from services.payment.domain.attempt import Opening, PaymentAttempt
from services.payment.domain.errors import (
    AmountNotPositiveError,
    PaymentClosedError,
    ProviderUnavailableError,
)
from services.payment.domain.lines import PaymentLine
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState, PaymentState
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.open_attempt import OpenAttempt, new_order
from services.payment.use_cases.ports import (
    Background,
    Locked,
    NewId,
    NewOrder,
    PaymentProvider,
    PaymentReader,
    PointOfSale,
)

MIN_PAGE_S = 1


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """What the owner asks for. `time_left` is how long the purchase can still be decided."""

    owner: str
    reference_id: UUID
    number: int
    amount: Money
    opening: Opening
    time_left: timedelta
    lines: tuple[PaymentLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CreatePayment:
    """Store the attempt, then open it at the provider, then store the page's address.

    Idempotent by (owner, reference, number). Waits `max_wait_s` for the provider; a slower one is
    waited for in the background, and the attempt is returned as it is.
    """

    changes: PaymentChanges
    reader: PaymentReader
    provider: PaymentProvider
    open_attempt: OpenAttempt
    background: Background
    new_id: NewId
    page_margin_s: float = 20.0
    max_wait_s: float = 3.0
    retry_after_ms: int = 2_000

    async def __call__(self, asked: NewAttempt) -> Payment:
        if asked.amount.minor_units <= 0:
            raise AmountNotPositiveError(asked.amount.minor_units)
        point_of_sale = self.provider.point_of_sale(asked.amount.currency)
        payment, order = await self._store(asked, point_of_sale)
        if payment.attempts[asked.number].state is not AttemptState.OPENING:
            return payment
        return await self._open(payment, asked, order)

    async def _store(
        self, asked: NewAttempt, point_of_sale: PointOfSale
    ) -> tuple[Payment, NewOrder | None]:
        order: NewOrder | None = None

        def store(found: Locked) -> Payment | None:
            nonlocal order
            payment = self._payment(found, asked)
            attempt = payment.find_repeat(asked.number, asked.amount)
            if attempt is not None:
                is_due = attempt.next_step_at is not None and attempt.next_step_at <= found.now
                order = new_order(payment, attempt, found.now) if is_due else None
                return None
            attempt = self._new_attempt(asked, point_of_sale, found.now)
            payment.open_attempt(attempt, found.now)
            order = new_order(payment, attempt, found.now)
            return payment

        payment = await self.changes.by_new_reference(asked.owner, asked.reference_id, store)
        if payment is None:
            raise TypeError("a payment was made")
        return payment, order

    def _payment(self, found: Locked, asked: NewAttempt) -> Payment:
        if found.is_tombstone:
            raise PaymentClosedError(asked.reference_id, PaymentState.CANCELLED)
        return found.payment or Payment(
            id=self.new_id(),
            owner=asked.owner,
            reference_id=asked.reference_id,
            amount=asked.amount,
            create_time=found.now,
            lines=asked.lines,
        )

    def _new_attempt(
        self, asked: NewAttempt, point_of_sale: PointOfSale, now: datetime
    ) -> PaymentAttempt:
        page_s = max(asked.time_left.total_seconds() - self.page_margin_s, MIN_PAGE_S)
        return PaymentAttempt(
            number=asked.number,
            reference_id=asked.reference_id,
            pos_id=point_of_sale.pos_id,
            auto_receive=point_of_sale.auto_receive,
            expire_time=now + timedelta(seconds=page_s),
            opening=asked.opening,
        )

    async def _open(self, payment: Payment, asked: NewAttempt, order: NewOrder | None) -> Payment:
        key = f"open:{payment.id}:{asked.number}"
        waiting = True
        current: Payment | None = None

        async def open_it() -> None:
            nonlocal current
            current = await self.open_attempt(
                payment.id,
                asked.number,
                first=order,
                known=payment,
                may_give_up=lambda: waiting,
            )

        if order is not None:
            self.background.start(key, open_it)
        await self.background.wait_for(key, self.max_wait_s)
        waiting = False
        current = current or await self.reader.find_by_id(payment.id)
        if current is None or asked.number not in current.attempts:
            raise ProviderUnavailableError(
                asked.amount.currency, retry_after_ms=self.retry_after_ms
            )
        return current
