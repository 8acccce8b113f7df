"""What captured payments do to their orders, and in how many steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import pytest

from services.booking.domain.order import Order, OrderMoveError, OrderState
from services.booking.domain.order_leg import LegState
from services.booking.domain.ticket import Ticket
from services.booking.use_cases.confirm_order import Captured, ConfirmOrder, ConfirmPayments
from services.booking.use_cases.order_ports import LockedOrders
from tests.kit.booking_order_builders import an_order, ron
from tests.kit.booking_orders import SIGNER

confirm_payments = ConfirmPayments(ConfirmOrder(SIGNER))


@dataclass
class CountedOrders:
    """Orders that count how often they are read and stored."""

    orders: Mapping[UUID, Order]
    reads: int = 0
    writes: list[Sequence[tuple[Order, Sequence[Ticket]]]] = field(default_factory=list)

    @classmethod
    def of(cls, *orders: Order) -> "CountedOrders":
        return cls({order.id: order for order in orders})

    async def read_all(self, order_ids: Sequence[UUID]) -> Mapping[UUID, Order]:
        self.reads += 1
        return {order_id: self.orders[order_id] for order_id in order_ids}

    async def save_all(self, moved: Sequence[tuple[Order, Sequence[Ticket]]]) -> None:
        self.writes.append(moved)


async def told_of(orders: CountedOrders, *captured: Captured) -> None:
    await confirm_payments(cast("LockedOrders", orders), captured)


def granted() -> Order:
    return an_order(OrderState.COMPLETING, money=LegState.COMMITTED, granted=True)


def captured(order: Order) -> Captured:
    return Captured(order.id, 1, order.money_due)


async def test_all_of_a_batch_are_confirmed_by_one_reading_and_one_write() -> None:
    first, second, third = granted(), granted(), granted()
    orders = CountedOrders.of(first, second, third)

    await told_of(orders, *map(captured, (first, second, third)))

    assert orders.reads == 1
    [moved] = orders.writes
    assert [(order.id, len(tickets)) for order, tickets in moved] == [
        (order.id, 2) for order in (first, second, third)
    ]
    assert {order.state for order, _ in moved} == {OrderState.CONFIRMED}


async def test_what_is_told_twice_makes_tickets_once() -> None:
    order, confirmed = granted(), an_order(OrderState.CONFIRMED, money=LegState.DONE, granted=True)
    orders = CountedOrders.of(order, confirmed)

    await told_of(orders, captured(order), captured(confirmed), captured(order))

    [moved] = orders.writes
    assert [(each.id, len(tickets)) for each, tickets in moved] == [(order.id, 2)]


async def test_nothing_is_written_when_all_of_it_is_known() -> None:
    confirmed = an_order(OrderState.CONFIRMED, money=LegState.DONE, granted=True)
    orders = CountedOrders.of(confirmed)

    await told_of(orders, captured(confirmed))

    assert orders.writes == []


async def test_money_before_the_places_is_noted_without_tickets() -> None:
    order = an_order(
        OrderState.COMPLETING, money=LegState.COMMITTED, places=LegState.COMMITTED, granted=True
    )
    orders = CountedOrders.of(order)

    await told_of(orders, captured(order), captured(order))

    [moved] = orders.writes
    assert [(each.id, list(tickets)) for each, tickets in moved] == [(order.id, [])]
    assert order.leg("payment").state is LegState.DONE
    assert [entry.what for entry in order.entries] == ["PAYMENT_CAPTURED"]


@pytest.mark.rule("OTC-18")
async def test_a_wrong_amount_confirms_nobody_of_the_batch() -> None:
    right, wrong = granted(), granted()
    orders = CountedOrders.of(right, wrong)

    with pytest.raises(OrderMoveError):
        await told_of(orders, captured(right), Captured(wrong.id, 1, ron(1)))

    assert orders.writes == []
