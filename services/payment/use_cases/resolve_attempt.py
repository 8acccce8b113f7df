"""Bring an attempt forward that may be stuck: ask, decide, capture or cancel once more."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.common.errors import DomainError
from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.provider_reports import apply_report
from services.payment.domain.states import AttemptState, OrderStatus
from services.payment.use_cases.capture_payment import tell_provider
from services.payment.use_cases.decide_authorization import DecideAuthorization
from services.payment.use_cases.open_attempt import OpenAttempt, new_order
from services.payment.use_cases.ports import (
    OrderExistsError,
    OwnerUnavailableError,
    PaymentProvider,
    PaymentReader,
    ProviderDownError,
    ProviderRefusedError,
    Transactions,
)


@dataclass(frozen=True, slots=True)
class ResolveAttempt:
    """Take the one step that is due. Done twice, or by two processes at once, it does no harm."""

    transactions: Transactions
    reader: PaymentReader
    provider: PaymentProvider
    open_attempt: OpenAttempt
    decide: DecideAuthorization
    capture_again_s: float = 10.0
    expiry_grace_s: float = 5.0

    async def quietly(self, payment_id: UUID, number: int) -> None:
        """Do what the call does, and leave what did not work to the worker."""
        try:
            await self(payment_id, number)
        except (ProviderDownError, ProviderRefusedError, OwnerUnavailableError, DomainError):
            return

    async def __call__(self, payment_id: UUID, number: int) -> None:
        payment = await self.reader.find_by_id(payment_id)
        attempt = payment.attempts.get(number) if payment else None
        if payment is None or attempt is None:
            return
        match attempt.state:
            case AttemptState.OPENING:
                await self.open_attempt(payment_id, number)
            case AttemptState.AWAITING_CUSTOMER:
                await self._await_customer(payment, attempt)
            case AttemptState.AUTHORIZED:
                await self._ask_and_decide(payment, attempt)
            case AttemptState.CAPTURE_SENT:
                await self._prove_capture(payment, attempt)
            case AttemptState.CANCELLING:
                await self._cancel(payment, attempt)
            case _:
                return

    async def _await_customer(self, payment: Payment, attempt: PaymentAttempt) -> None:
        status, now = await self.ask(payment, attempt)
        grace = timedelta(seconds=self.expiry_grace_s)
        if status is OrderStatus.PENDING and now >= attempt.expire_time + grace:
            # The provider's clock is late, or its page is: nobody may pay here any more. Stored
            # first, so that the owner grants nothing that is being cancelled.
            closed = await self._close_page(payment.id, attempt.number)
            if closed is not None:
                await self._cancel(payment, closed)
        if status in {OrderStatus.AUTHORIZED, OrderStatus.CAPTURED}:
            await self._ask_and_decide(payment, attempt)

    async def _close_page(self, payment_id: UUID, number: int) -> PaymentAttempt | None:
        async with self.transactions() as tx:
            current, _, now = await tx.payments.lock_by_id(payment_id)
            if current is None or not current.attempts[number].close_page(now):
                return None
            await tx.payments.save(current)
            await tx.commit()
        return current.attempts[number]

    async def decide_quietly(self, payment: Payment, number: int) -> None:
        """Ask the owner about a payment that has just been authorised; else the worker does."""
        try:
            await self._decide(payment, number)
        except (ProviderDownError, ProviderRefusedError, OwnerUnavailableError, DomainError):
            return

    async def _ask_and_decide(self, payment: Payment, attempt: PaymentAttempt) -> None:
        await self.ask(payment, attempt)
        current = await self.reader.find_by_id(payment.id)
        if current is not None:
            await self._decide(current, attempt.number)

    async def _decide(self, payment: Payment, number: int) -> None:
        decided = await self.decide(payment, number)
        if decided is None:
            return
        attempt = decided.payment.attempts[number]
        if decided.must_capture:
            await tell_provider(self.provider, attempt)
        elif attempt.state is AttemptState.CANCELLING:
            await self._cancel(decided.payment, attempt)

    async def _prove_capture(self, payment: Payment, attempt: PaymentAttempt) -> None:
        status, now = await self.ask(payment, attempt)
        sent = attempt.capture_sent_time
        is_late = sent is not None and now >= sent + timedelta(seconds=self.capture_again_s)
        if status is OrderStatus.AUTHORIZED and is_late:
            await self.provider.capture_order(attempt.pos_id, attempt.provider_order_id or "")
            await self.ask(payment, attempt)

    async def _cancel(self, payment: Payment, attempt: PaymentAttempt) -> None:
        order_id = attempt.provider_order_id or await self._learn_order_id(payment, attempt)
        if order_id is None:
            async with self.transactions() as tx:
                current, _, now = await tx.payments.lock_by_id(payment.id)
                if current is not None:
                    current.cancelled_unopened(attempt.number, now)
                    await tx.payments.save(current)
                    await tx.commit()
            return
        attempt.learn_order(order_id)
        with suppress(ProviderRefusedError):
            # It is over already, one way or the other: the question tells which.
            await self.provider.void_order(attempt.pos_id, order_id)
        await self.ask(payment, attempt)

    async def _learn_order_id(self, payment: Payment, attempt: PaymentAttempt) -> str | None:
        """Open the order under the same name: it is the only way to learn what was opened."""
        async with self.transactions() as tx:
            _, _, now = await tx.payments.lock_by_id(payment.id)
        order = new_order(payment, attempt, now)
        if order is None:
            return None
        try:
            return (await self.provider.open_order(order)).provider_order_id
        except OrderExistsError as known:
            return known.provider_order_id
        except ProviderRefusedError:
            return None

    async def ask(
        self, payment: Payment, attempt: PaymentAttempt
    ) -> tuple[OrderStatus | None, datetime]:
        """Ask the provider how its order stands and take that over; gives the answer and the time."""
        report = await self.provider.read_order(attempt.pos_id, attempt.provider_order_id or "")
        async with self.transactions() as tx:
            current, _, now = await tx.payments.lock_by_id(payment.id)
            mine = current.attempts.get(attempt.number) if current else None
            if current is None or mine is None or report is None:
                return None, now
            if report.ext_order_id == mine.ext_order_id:
                apply_report(current, mine, report, now)
                await tx.payments.save(current)
                await tx.commit()
        return report.status, now
