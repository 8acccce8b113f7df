"""End an order without tickets: its seats are free at once, its legs are undone afterwards."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.cancellation import Cancellation
from services.booking.domain.order import Order, OrderState
from services.booking.domain.remedy import Remedy
from services.booking.use_cases.order_ports import Kick, OrderTransactions, OrderTx, Retry
from services.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class ExpireOrder:
    """Expire an unpaid order whose deadline is over, under the board's lock.

    The seats are free for others with this very transaction. An order that was granted meanwhile
    is left alone.
    """

    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, screening_id: UUID, order_id: UUID) -> bool:
        async def expire() -> bool:
            async with self.transactions() as tx:
                order = await lock_order(tx, screening_id, order_id)
                if not order.expire():
                    return False
                await free_seats(tx, order)
                await tx.orders.save(order)
                await tx.commit()
            return True

        expired = await self.retry(expire)
        if expired:
            self.kick(order_id)
        return expired


@dataclass(frozen=True, slots=True)
class RefuseOrder:
    """Take back an order that could not be placed: the hold goes on as if nothing had been.

    The request that placed it may be sent again. What was reserved is released afterwards.
    """

    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, order: Order, refusal: DomainError) -> bool:
        """Tell whether the order is refused: somebody else may have moved it on meanwhile."""

        async def refuse() -> bool:
            async with self.transactions() as tx:
                fresh = await lock_order(tx, order.screening_id, order.id)
                if fresh.state is not OrderState.PLACED:
                    return fresh.state is OrderState.REFUSED
                fresh.refuse(refusal.reason)
                hold = await tx.board.hold_for_update(order.screening_id, order.hold_id)
                hold.reopen()
                await tx.board.save_hold_state(hold)
                await tx.drop_claim(fresh.owner, fresh.request_id, fresh.id)
                await tx.orders.save(fresh)
                await tx.commit()
            return True

        is_refused = await self.retry(refuse)
        self.kick(order.id)
        return is_refused


@dataclass(frozen=True, slots=True)
class LosePayment:
    """End an order whose granted payment is gone at the provider before its money was taken.

    Nothing was taken and nothing ever will be of that attempt. The seats are free with this very
    transaction; places and vouchers are given back afterwards.
    """

    transactions: OrderTransactions
    kick: Kick
    retry: Retry

    async def __call__(self, order: Order, attempt: int) -> None:
        async def lose() -> None:
            async with self.transactions() as tx:
                fresh = await lock_order(tx, order.screening_id, order.id)
                if not fresh.payment_lost(attempt):
                    return
                await tx.board.take_back(order.screening_id, order.id)
                await _end_hold(tx, fresh)
                await tx.orders.save(fresh)
                await tx.commit()

        await self.retry(lose)
        self.kick(order.id)


async def end_confirmed(
    tx: OrderTx, order: Order, cancellation: Cancellation, remedy: Remedy | None = None
) -> bool:
    """Cancel a confirmed order: with this very transaction its codes are dead and its seats free.

    The order is locked by `lock_order`. What paid it goes back afterwards, leg by leg. Tells whether
    it ended now; ORDER_NOT_CANCELLABLE, ALREADY_ADMITTED.
    """
    if not order.cancel(cancellation, remedy):
        return False
    await tx.board.take_back(order.screening_id, order.id)
    await _end_hold(tx, order)
    await tx.orders.save_cancelled(order)
    return True


async def lock_order(tx: OrderTx, screening_id: UUID, order_id: UUID) -> Order:
    """Lock board and order; the order's time is the board lock's."""
    lock = await tx.board.lock(screening_id)
    order = await tx.orders.read_locked(order_id)
    order.read_at = lock.now
    return order


async def free_seats(tx: OrderTx, order: Order) -> None:
    """Free the seats of an ended order and close its hold."""
    await tx.board.free(order.screening_id, order.hold_id)
    await _end_hold(tx, order)


async def _end_hold(tx: OrderTx, order: Order) -> None:
    hold = await tx.board.hold_for_update(order.screening_id, order.hold_id)
    hold.end_order(lapsed=order.deadline_over)
    await tx.board.save_hold_state(hold)
