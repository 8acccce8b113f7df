"""Pay again after a declined attempt."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import PaymentStillOpenError, ProviderUnavailableError
from services.booking.domain.order_leg import LegState
from services.booking.domain.order_steps import next_step
from services.booking.use_cases.answer_moved import answer_moved
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import (
    Answer,
    OrderStore,
    OrderTransactions,
    Reader,
    Retry,
)
from services.booking.use_cases.outage_ports import Outages
from services.booking.use_cases.payment_ports import Payments, PaymentState
from services.booking.use_cases.perform_step import PerformStep
from services.common.errors import ConcurrentChangeError
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class RetryPayment:
    """Open the next attempt while the seats are held; the former one must be over.

    When no notice of its end has come yet, payment is asked. The new attempt is stored before it is
    opened, so that a repeat, or the worker, opens this one and not another.
    """

    access: OrderAccess
    orders: OrderStore
    transactions: OrderTransactions
    payments: Payments
    outages: Outages
    perform: PerformStep
    retry: Retry

    async def __call__(self, order_id: UUID, reader: Reader, key: RequestKey) -> Order:
        order = await self.access.owned(order_id, reader)
        wait_ms = await self.outages.wait_ms(order.currency)
        ended = None if wait_ms else await self._has_ended(order)

        async def begin() -> Order:
            return await self._begin(order_id, key, ended_attempt=ended, wait_ms=wait_ms)

        order = await self.retry(begin)
        return await self._open(order, key)

    async def _has_ended(self, order: Order) -> int | None:
        """Give the number of an attempt that is over without a notice having come."""
        leg = order.payment_leg
        if order.state is not OrderState.AWAITING_PAYMENT or leg is None:
            return None
        if leg.state is not LegState.OPEN:
            return None
        answer = await self.payments.get(order)
        return leg.attempt if answer.state is PaymentState.OVER else None

    async def _begin(
        self, order_id: UUID, key: RequestKey, *, ended_attempt: int | None, wait_ms: int
    ) -> Order:
        async with self.transactions() as tx:
            claim = await tx.claim(key, order_id)
            order = await tx.orders.read_locked(order_id)
            if claim.is_new:
                if wait_ms:
                    raise ProviderUnavailableError(retry_after_ms=wait_ms)
                if ended_attempt is not None:
                    order.payment_failed(ended_attempt, "DECLINED")
                order.retry_payment()
                await tx.orders.save(order)
                await tx.commit()
        return order

    async def _open(self, order: Order, key: RequestKey) -> Order:
        step = next_step(order)
        if order.state is OrderState.AWAITING_PAYMENT and step is not None:
            try:
                await self.perform(order, step)
            except (ProviderUnavailableError, PaymentStillOpenError):
                await self._take_back(order, key)
                raise
        known = (await self.orders.read(order.id, with_timeline=True)).timeline
        order.timeline = known
        try:
            await self.orders.save(order, Answer(key, order))
        except ConcurrentChangeError:
            return await answer_moved(self.orders, self.transactions, order.id, key)
        return order

    async def _take_back(self, order: Order, key: RequestKey) -> None:
        """End the attempt that could not be opened; the request may be sent again."""

        async def take_back() -> None:
            async with self.transactions() as tx:
                fresh = await tx.orders.read_locked(order.id)
                attempt = _payment_attempt(fresh)
                fresh.payment_failed(attempt, ProviderUnavailableError.reason)
                await tx.drop_claim(key.principal, key.request_id, order.id)
                await tx.orders.save(fresh)
                await tx.commit()

        await self.retry(take_back)


def _payment_attempt(order: Order) -> int:
    leg = order.payment_leg
    if leg is None:
        raise ValueError(f"order {order.id} has no payment")
    return leg.attempt
