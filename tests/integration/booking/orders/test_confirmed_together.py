"""Payments that are confirmed in one batch: their orders are read and written together."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from cinema.payment.v1 import events_pb2

from services.booking.domain.order import Order, OrderState
from services.booking.order_composition import order_subscriptions, orders_of
from services.common.bus.apply import Applier
from services.common.bus.events import Event
from services.common.money import Money
from services.common.rpc.money import money_to_proto
from tests.integration.booking.orders.conftest import Shop
from tests.integration.common.parts import until
from tests.kit.booking_orders import SIGNER
from tests.kit.booking_seats import FakeCatalog, sales_facts

SEATS = (["A1", "A2"], ["A3", "A4"], ["B1", "B2"])


@pytest.fixture
async def granted(shop: Shop, catalog: FakeCatalog) -> Sequence[Order]:
    """Orders of two screenings whose payments are granted."""
    screening_ids = [catalog.publish(sales_facts(uuid4())) for _ in range(2)]
    orders = [
        await shop.place(screening_ids[number % 2], seats) for number, seats in enumerate(SEATS)
    ]
    for order in orders:
        await shop.pay(order)
    return orders


@pytest.fixture
def applier(shop: Shop) -> Applier:
    """What consumes payment's events in the worker."""
    [payments] = [each for each in order_subscriptions(SIGNER) if each.source == "payment"]
    return Applier(payments, shop.process.database)


def confirmed(order: Order, amount: Money | None = None, *, version: int = 1) -> Event:
    message = events_pb2.PaymentConfirmed(
        payment_id=str(uuid4()),
        owner="booking",
        reference_id=str(order.id),
        attempt=1,
        amount=money_to_proto(amount or order.money_due),
    )
    return Event(
        source="payment",
        id=uuid4(),
        type="PaymentConfirmed",
        aggregate_id=f"payment of {order.id}",
        aggregate_version=version,
        feed_number=1,
        occur_time=datetime.now(UTC),
        correlation_id=f"request-{order.number}",
        traceparent="",
        payload=message.SerializeToString(),
    )


async def states_of(shop: Shop, orders: Sequence[Order]) -> list[OrderState]:
    return [(await shop.read(order)).state for order in orders]


async def statements_of(shop: Shop, table: str) -> int:
    """Count the statements that wrote the rows of a table."""
    count: int = await shop.process.database.fetchval(
        f"SELECT count(DISTINCT (xmin::text, cmin::text)) FROM {table}"
    )
    return count


@pytest.mark.rule("OTC-16")
async def test_a_batch_of_confirmed_payments_confirms_all_orders_together(
    shop: Shop, granted: Sequence[Order], applier: Applier
) -> None:
    again = await applier.apply([confirmed(order) for order in granted])

    assert again == []
    assert await states_of(shop, granted) == [OrderState.CONFIRMED] * 3
    assert (await shop.count("ticket"), await shop.count("mail")) == (6, 3)
    for table in ("customer_order", "ticket", "mail"):
        assert await statements_of(shop, table) == 1
    for order in granted:
        bought, tickets = await shop.use.store.read_bought(order.id)
        assert [ticket.seat_id for ticket in tickets] == [line.seat_id for line in bought.lines]
        assert await shop.events(order) == ["OrderPlaced", "OrderConfirmed"]


async def test_each_confirmation_names_the_request_that_caused_it(
    shop: Shop, granted: Sequence[Order], applier: Applier
) -> None:
    await applier.apply([confirmed(order) for order in granted])

    rows = await shop.process.database.fetch(
        "SELECT aggregate_id, correlation_id FROM outbox WHERE type = 'OrderConfirmed'"
    )
    causes = {row["aggregate_id"]: row["correlation_id"] for row in rows}
    assert causes == {str(order.id): f"request-{order.number}" for order in granted}


async def test_the_same_events_again_change_nothing(
    shop: Shop, granted: Sequence[Order], applier: Applier
) -> None:
    events = [confirmed(order) for order in granted]
    await applier.apply(events)
    versions = [(await shop.read(order)).version for order in granted]

    again = await applier.apply(events)
    told_anew = await applier.apply([confirmed(order, version=2) for order in granted])

    assert again == told_anew == []
    assert [(await shop.read(order)).version for order in granted] == versions
    assert (await shop.count("ticket"), await shop.count("mail")) == (6, 3)


@pytest.mark.rule("OTC-18")
async def test_an_order_that_cannot_be_confirmed_does_not_hold_up_the_others_of_its_batch(
    shop: Shop, granted: Sequence[Order], applier: Applier
) -> None:
    wrong = confirmed(granted[1], Money("RON", 1))

    again = await applier.apply([confirmed(granted[0]), wrong, confirmed(granted[2])])

    assert again == [wrong]
    assert await states_of(shop, granted) == [
        OrderState.CONFIRMED,
        OrderState.COMPLETING,
        OrderState.CONFIRMED,
    ]
    assert await shop.count("ticket") == 4


async def test_an_order_that_somebody_has_locked_is_confirmed_after_that(
    shop: Shop, granted: Sequence[Order], applier: Applier
) -> None:
    first, second, last = sorted(granted, key=lambda order: order.id)

    async def is_confirmed() -> bool:
        return (await shop.read(first)).state is OrderState.CONFIRMED

    async with shop.process.database.transaction() as tx:
        orders = orders_of(tx)
        moving = await orders.read_locked(second.id)
        applying = asyncio.create_task(applier.apply([confirmed(each) for each in granted]))
        await until(is_confirmed)
        moving.note("SOMETHING_ELSE")
        await orders.save(moving)
        await tx.commit()
    again = await applying

    assert again == []
    assert await states_of(shop, [second, last]) == [OrderState.CONFIRMED] * 2
    assert await shop.count("ticket") == 6
