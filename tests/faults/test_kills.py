"""Orders end right whatever dies. A slice of the kills: `make soak` kills everybody everywhere.

NATS is transport, not the record: without it, and without its store, orders end the same.
"""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from cinema.booking.v1 import order_pb2

from deploy.demo.buyer import FINAL_STATES, Buyer
from deploy.demo.stage import until
from tests.faults.campaign import kill_once
from tests.faults.purchase import Purchase
from tests.faults.steps import STEP_BY_NAME
from tests.faults.suite import Suite
from tests.faults.verdict import judge
from tests.faults.victims import Frozen

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("faults")]
SEED = 20261122
SLICE = (
    ("booking-rpc", "during HoldSeats"),
    ("wallet-rpc", "places reserved"),
    ("payment-rpc", "payment created, answer on its way"),
    ("booking-rpc", "authorised, not decided"),
    ("postgres", "granted, places not captured"),
    ("payment-rpc", "the provider took it, answer on its way"),
    ("booking-worker", "captured, booking not told"),
    ("nats", "captured, booking not told"),
)
BUYERS = 4
PAST_THE_DEADLINE = timedelta(minutes=12)
CONSUMERS = ("booking-worker", "wallet-worker")
Order = order_pb2.Order


@pytest.mark.parametrize(("victim", "step"), SLICE, ids=[f"{v}-{s}" for v, s in SLICE])
async def test_an_order_ends_right_when_a_part_is_killed(
    suite: Suite, victim: str, step: str
) -> None:
    state = await kill_once(suite, (victim, step), SEED)

    assert state == "STATE_CONFIRMED"


async def lose_the_store(suite: Suite) -> None:
    """Kill NATS, delete JetStream's folder, start NATS."""
    await suite.stack.kill("nats")
    shutil.rmtree(Path(suite.stack.record.state) / "nats" / "store")
    await suite.stack.start_part("nats")
    await suite.stack.wait_ready("nats")


async def some_guests_pay(suite: Suite) -> Sequence[tuple[Buyer, Order]]:
    """Let guests order and pay; whether they have their tickets already is another question."""

    async def pay() -> tuple[Buyer, Order]:
        sale = suite.next_sale()
        buyer = await Buyer.guest(suite.stage, "Guest")
        order = await buyer.place(await buyer.hold(sale.screening_id, sale.seats))
        await buyer.on_page(order, "pay")
        return buyer, order

    return await asyncio.gather(*(pay() for _ in range(BUYERS)))


async def number_of_unread(suite: Suite) -> int:
    """Count payment's events that were published and that booking has not read."""
    payment = await asyncpg.connect(suite.database("payment"))
    booking = await asyncpg.connect(suite.database("booking"))
    try:
        published = await payment.fetchval("SELECT published_through FROM relay_state")
        read = await booking.fetchval("SELECT count(*) FROM inbox WHERE source = 'payment'")
    finally:
        await payment.close()
        await booking.close()
    return int(published) - int(read)


async def test_nothing_is_missing_when_jetstream_loses_what_nobody_had_read(suite: Suite) -> None:
    paid = [*await some_guests_pay(suite)]
    consumers = Frozen(suite.stack)

    consumers.freeze(CONSUMERS)
    try:
        paid += await some_guests_pay(suite)
        await until(lambda: number_of_unread(suite), what="events that nobody reads")
        await lose_the_store(suite)
    finally:
        consumers.thaw()
    paid += await some_guests_pay(suite)
    ends = [await buyer.await_state(order.id, *FINAL_STATES) for buyer, order in paid]

    assert {order.state for order in ends} == {Order.STATE_CONFIRMED}
    await suite.must_verify()
    suite.must_be_whole()


async def test_an_order_ends_right_when_jetstream_loses_its_captured_payment(suite: Suite) -> None:
    purchase = Purchase(
        suite, STEP_BY_NAME["captured, booking not told"], lambda: lose_the_store(suite)
    )

    bought = await purchase.buy()

    assert purchase.struck
    assert await judge(suite, bought) == "STATE_CONFIRMED"
    await suite.must_verify()


@pytest.mark.parametrize("step", ["granted, places not captured", "captured, booking not told"])
async def test_customers_get_their_tickets_when_nats_stays_away_past_the_deadline(
    suite: Suite, step: str
) -> None:
    async def let_the_hold_lapse() -> None:
        await suite.clock.advance(PAST_THE_DEADLINE)

    await suite.stack.kill("nats")
    purchase = Purchase(suite, STEP_BY_NAME[step], let_the_hold_lapse)
    bought = await purchase.buy()
    state = await judge(suite, bought)
    await suite.stack.start_part("nats")
    await suite.stack.wait_ready("nats")

    assert purchase.struck
    assert state == "STATE_CONFIRMED"
    await suite.must_verify()
