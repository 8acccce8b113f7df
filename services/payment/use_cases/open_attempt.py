"""Open an attempt's page at the provider, and recover when its answer was lost."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.payment.domain.attempt import PaymentAttempt
from services.payment.domain.payment import Payment
from services.payment.domain.states import AttemptState
from services.payment.use_cases.change_ports import PaymentChanges
from services.payment.use_cases.ports import (
    Locked,
    NewOrder,
    OpenedOrder,
    OrderExistsError,
    OutcomeUnknownError,
    PaymentProvider,
    ProviderDownError,
    ProviderRefusedError,
    Transactions,
)

MAX_ROUNDS_PER_RUN = 4
MIN_VALIDITY_S = 1


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """Open the attempt; done again it does no harm.

    A lost answer leaves an order at the provider whose page address nobody knows. Asking again
    under the same name tells its ID: it is cancelled, and the attempt goes on under a sub-number.
    """

    transactions: Transactions
    changes: PaymentChanges
    provider: PaymentProvider

    async def __call__(
        self,
        payment_id: UUID,
        number: int,
        *,
        first: NewOrder | None = None,
        known: Payment | None = None,
        may_give_up: Callable[[], bool] = _never,
    ) -> Payment | None:
        """Run until open, ended, or unknown (then the worker comes again); gives what is open.

        `first` is the order to open, and `known` the payment, when the caller has just stored the
        attempt. While
        `may_give_up` says so, an attempt that the provider is too ill to open is forgotten, and
        its number is free again; otherwise it stays for the next run.
        """
        order = first
        for _ in range(MAX_ROUNDS_PER_RUN):
            order = order or await self._order_of(payment_id, number)
            if order is None:
                break
            try:
                opened = await self.provider.open_order(order)
            except OrderExistsError as lost:
                if not await self._leave_round(payment_id, number, lost.provider_order_id):
                    break
                order = known = None
            except OutcomeUnknownError:
                break
            except ProviderDownError as down:
                if may_give_up():
                    await self._give_up(payment_id, number, was_sent=down.was_sent)
                break
            except ProviderRefusedError:
                await self._change(payment_id, lambda it, now: it.opening_refused(number, now))
                break
            else:
                return await self._keep(known or payment_id, number, order.round, opened)
        return None

    async def _order_of(self, payment_id: UUID, number: int) -> NewOrder | None:
        async with self.transactions() as tx:
            payment, _, now = await tx.payments.lock_by_id(payment_id)
            attempt = payment.attempts.get(number) if payment else None
            if payment is None or attempt is None or attempt.state is not AttemptState.OPENING:
                return None
            order = new_order(payment, attempt, now)
            if order is None:
                payment.opening_expired(number, now)
                await tx.payments.save(payment)
                await tx.commit()
        return order

    async def _leave_round(self, payment_id: UUID, number: int, lost_order_id: str) -> bool:
        async with self.transactions() as tx:
            payment, _, now = await tx.payments.lock_by_id(payment_id)
            if payment is None or not payment.begin_round(number, lost_order_id, now):
                return False
            await tx.payments.save(payment)
            await tx.commit()
        with suppress(ProviderDownError, ProviderRefusedError):
            # At once if it can be; the stray is on the worker's list until certainly cancelled.
            await self.provider.void_order(payment.attempts[number].pos_id, lost_order_id)
        return True

    async def _give_up(self, payment_id: UUID, number: int, *, was_sent: bool) -> None:
        async with self.transactions() as tx:
            payment, _, _ = await tx.payments.lock_by_id(payment_id)
            if payment is not None and payment.give_up_opening(number, was_sent=was_sent):
                await tx.payments.save(payment)
                await tx.commit()

    async def _keep(
        self, payment: Payment | UUID, number: int, round_: int, opened: OpenedOrder
    ) -> Payment | None:
        return await self._change(
            payment, lambda it, now: it.attempt_opened(number, round_, *opened, now)
        )

    async def _change(
        self, payment: Payment | UUID, change: Callable[[Payment, datetime], None]
    ) -> Payment | None:
        def changed(found: Locked) -> Payment | None:
            if found.payment is not None:
                change(found.payment, found.now)
            return found.payment

        if isinstance(payment, Payment):
            return await self.changes.following(payment, changed)
        return await self.changes.by_id(payment, changed)


def new_order(payment: Payment, attempt: PaymentAttempt, now: datetime) -> NewOrder | None:
    """Make the order to open; None when the page's time is over."""
    valid_s = int((attempt.expire_time - now).total_seconds())
    if valid_s < MIN_VALIDITY_S or attempt.opening is None:
        return None
    return NewOrder(
        pos_id=attempt.pos_id,
        ext_order_id=attempt.ext_order_id,
        amount=payment.amount,
        opening=attempt.opening,
        valid_s=valid_s,
        round=attempt.round,
    )
