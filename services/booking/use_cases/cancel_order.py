"""Cancel a whole order for its buyer."""

from dataclasses import dataclass
from uuid import UUID

from services.booking.domain.cancel_rules import (
    must_be_early,
    must_be_whole,
    must_cancel_online,
)
from services.booking.domain.cancellation import CancelCause, Cancellation
from services.booking.domain.order import Order, OrderState
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.use_cases.admission_ports import DoorScreenings
from services.booking.use_cases.end_order import end_confirmed, free_seats, lock_order
from services.booking.use_cases.order_access import OrderAccess
from services.booking.use_cases.order_ports import (
    Kick,
    OrderPoints,
    OrderTransactions,
    OrderTx,
    Reader,
    Retry,
)
from services.common.requests import RequestKey

_UNPAID = {OrderState.PLACED, OrderState.AWAITING_PAYMENT, OrderState.ABANDONED}


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """End a paid order up to the last moment of its own policy, or give an unpaid one up.

    Codes dead, seats free, each part on its way back: one transaction under the board's lock, by
    whose clock it is judged. The start is the published one, as it is known; cancelling does not
    wait for catalog.
    """

    access: OrderAccess
    screenings: DoorScreenings
    transactions: OrderTransactions
    points: OrderPoints
    kick: Kick
    retry: Retry

    async def __call__(
        self, order_id: UUID, reader: Reader, key: RequestKey, *, whole_order: bool
    ) -> Order:
        known = await self.access.owned(order_id, reader, with_timeline=True)
        facts = await self.screenings.facts(known.screening_id)

        async def cancel() -> Order:
            async with self.transactions() as tx:
                await tx.claim(key, order_id)
                order = await lock_order(tx, known.screening_id, order_id)
                order.timeline = list(known.timeline)
                if order.state in _UNPAID:
                    await _give_up(tx, order)
                else:
                    await _cancel(tx, order, facts, whole_order=whole_order)
                await tx.store(key, order)
                await tx.commit()
            return order

        cancelled = await self.retry(cancel)
        self.kick(order_id)
        return cancelled

    async def preview(self, order_id: UUID, reader: Reader) -> tuple[Order, int]:
        """Judge as the call would and change nothing; tells the points that would be lost, too."""
        known = await self.access.owned(order_id, reader)
        facts = await self.screenings.facts(known.screening_id)
        async with self.transactions() as tx:
            order = await lock_order(tx, known.screening_id, order_id)
            if order.state not in _UNPAID:
                await _cancel(tx, order, facts, whole_order=True)
        brought_points = order.account_id is not None and order.state is OrderState.CANCELLED
        return order, await self.points.of_order(order_id) if brought_points else 0


async def _give_up(tx: OrderTx, order: Order) -> None:
    if order.abandon():
        await free_seats(tx, order)
        await tx.orders.save(order)


async def _cancel(tx: OrderTx, order: Order, facts: ScreeningFacts, *, whole_order: bool) -> None:
    if order.state is OrderState.CONFIRMED:
        must_cancel_online(order)
    await cancel_in_time(tx, order, facts, CancelCause.BUYER, whole_order=whole_order)


async def cancel_in_time(
    tx: OrderTx,
    order: Order,
    facts: ScreeningFacts,
    cause: CancelCause,
    *,
    whole_order: bool,
    form_reference: str = "",
) -> None:
    """Cancel a locked order that its buyer may still cancel, wherever they ask for it."""
    if order.state is OrderState.CONFIRMED:
        must_be_whole(order, whole_order=whole_order)
        must_be_early(order, facts.start_time)
    is_off = facts.state is not ScreeningState.SCHEDULED
    cancellation = Cancellation(
        cause, order.read_at, caused_by_cinema=is_off, form_reference=form_reference
    )
    await end_confirmed(tx, order, cancellation)
