"""Make the seats of an order permanent that leaves nothing to pay in money."""

from dataclasses import dataclass

from services.booking.domain.errors import HoldExpiredError, SalesPausedError
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import ScreeningChangedError
from services.booking.domain.order_leg import LegState
from services.booking.use_cases.order_ports import OrderTransactions, Retry
from services.common.errors import DomainError
from services.common.requests import RequestKey


@dataclass(frozen=True, slots=True)
class SellSeats:
    """Sell under the board's lock; the capture of the places is the point of no return.

    Raises HOLD_EXPIRED, SCREENING_CHANGED or SALES_PAUSED, and has changed nothing, when they cannot be sold.
    """

    transactions: OrderTransactions
    retry: Retry

    async def __call__(self, order: Order, answered: RequestKey | None = None) -> Order:
        async def sell() -> Order:
            async with self.transactions() as tx:
                lock = await tx.board.lock(order.screening_id)
                fresh = await tx.orders.read_locked(order.id)
                fresh.read_at = lock.now
                fresh.timeline = list(order.timeline)
                if fresh.state is OrderState.PLACED:
                    if lock.is_moving:
                        raise SalesPausedError
                    _must_be_sellable(fresh, on_sale=lock.on_sale)
                    if not await tx.board.sell(order.screening_id, order.hold_id, order.id):
                        raise HoldExpiredError(order.hold_id)
                    _take_over(fresh, order)
                    fresh.complete_without_money()
                    await tx.orders.save(fresh)
                if answered is not None:
                    await tx.store(answered, fresh)
                await tx.commit()
            return fresh

        return await self.retry(sell)


def _take_over(fresh: Order, order: Order) -> None:
    """Keep what the caller's copy knows already: which places are reserved."""
    for leg in order.wallet_legs:
        if leg.state is LegState.OPEN and fresh.leg(leg.name).state is LegState.PENDING:
            fresh.places_reserved(leg.name)


def _must_be_sellable(order: Order, *, on_sale: bool) -> None:
    refusal: DomainError | None = None
    if not on_sale:
        refusal = ScreeningChangedError(order.screening_id)
    elif order.deadline_over:
        refusal = HoldExpiredError(order.hold_id)
    if refusal is not None:
        raise refusal
