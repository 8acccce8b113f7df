"""The edge of ten minutes, to the millisecond: whoever waits, whatever a process takes for the time."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.local.databases import ServiceDatabase
from services.booking.domain.decision import Decision, Refusal
from services.booking.domain.errors import HoldExpiredError
from services.booking.domain.order import Order, OrderState
from services.booking.domain.order_errors import OrderNotPayableError, TooLittleTimeError
from services.booking.domain.seats import SeatState
from services.common.errors import DependencyUnavailableError
from tests.integration.booking.conftest import somebody_waits
from tests.integration.booking.orders.conftest import AS_GUEST, Shop
from tests.integration.booking.orders.test_endings import declined, retry_key
from tests.kit.booking_orders import ACCOUNT, a_purchase, an_order_key
from tests.kit.booking_seats import FakeCatalog

MILLISECOND = timedelta(milliseconds=1)
A_MINUTE = timedelta(minutes=1)
QUARTER_SECOND = timedelta(milliseconds=250)
FIVE_MINUTES_S = 300
NO_RESCUE = """
UPDATE customer_order SET policy = jsonb_set(policy, '{rescue_seconds}', '0')"""
STANDS_STILL = """
CREATE OR REPLACE FUNCTION app_clock() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN '{now}'::timestamptz
    + make_interval(secs => (SELECT max(offset_seconds) FROM app_clock_offset))"""


@dataclass(frozen=True)
class StillClock:
    """The database's clock, which moves when a test says so and at no other time."""

    connection: Any
    begin: datetime

    async def set(self, to: datetime) -> None:
        await self.connection.execute(
            "UPDATE app_clock_offset SET offset_seconds = $1", (to - self.begin).total_seconds()
        )


@pytest.fixture
async def clock(booking_database: ServiceDatabase) -> AsyncIterator[StillClock]:
    connection = await asyncpg.connect(booking_database.owner_url)
    now = await connection.fetchval("SELECT app_clock()")
    await connection.execute(STANDS_STILL.format(now=now.isoformat()))
    yield StillClock(connection, now)
    await connection.close()


@pytest.fixture(params=[0, FIVE_MINUTES_S, -FIVE_MINUTES_S], ids=["true", "ahead", "behind"])
def process_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process takes for the time is right, five minutes ahead, or five behind."""
    skew_s, true_time, true_time_ns = request.param, time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: true_time() + skew_s)
    monkeypatch.setattr(time, "time_ns", lambda: true_time_ns() + skew_s * 1_000_000_000)


@asynccontextmanager
async def meanwhile(
    shop: Shop, work: Awaitable[Any], lock: str, *arguments: Any
) -> AsyncIterator["asyncio.Future[Any]"]:
    """Let work wait for a lock that somebody else has, until the block ends."""
    async with shop.process.database.transaction() as tx:
        await tx.driver.execute(lock, *arguments)
        waiting = asyncio.ensure_future(work)
        await somebody_waits(shop.process)
        yield waiting
        await tx.commit()


def board_of(order: Order) -> tuple[str, UUID]:
    return "SELECT FROM screening_board WHERE screening_id = $1 FOR UPDATE", order.screening_id


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
@pytest.mark.usefixtures("process_clock")
@pytest.mark.parametrize(
    ("left", "decision"),
    [
        (timedelta(seconds=1), Decision(1)),
        (MILLISECOND, Decision(1)),
        (timedelta(0), Decision(1, Refusal.HOLD_EXPIRED)),
    ],
)
async def test_a_payment_is_in_time_until_the_last_millisecond_of_ten_minutes(
    shop: Shop, clock: StillClock, screening_id: UUID, left: timedelta, decision: Decision
) -> None:
    order = await shop.place(screening_id)
    await shop.process.database.execute(NO_RESCUE)
    await clock.set(order.expires_at - left)

    decided = await shop.pay(order)

    states = await shop.process.states(screening_id)
    assert decided == decision
    assert states[0] == (SeatState.SOLD if decision.granted else SeatState.FREE)


@pytest.mark.usefixtures("process_clock")
@pytest.mark.parametrize(("left", "expired"), [(MILLISECOND, 0), (timedelta(0), 1)])
async def test_the_seats_of_an_unpaid_order_are_free_at_ten_minutes_and_not_before(
    shop: Shop, clock: StillClock, screening_id: UUID, left: timedelta, expired: int
) -> None:
    order = await shop.place(screening_id)
    await clock.set(order.expires_at - left)

    assert await shop.expire_due() == expired


@pytest.mark.rule("OTC-14.4b")
async def test_a_decision_that_waits_over_the_deadline_is_late(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.process.database.execute(NO_RESCUE)
    await clock.set(order.expires_at - QUARTER_SECOND)

    async with meanwhile(shop, shop.pay(order), *board_of(order)) as deciding:
        await clock.set(order.expires_at + QUARTER_SECOND)
    decision = await deciding

    assert decision == Decision(1, Refusal.HOLD_EXPIRED)
    assert (await shop.process.states(screening_id))[:2] == [SeatState.FREE, SeatState.FREE]
    assert (await shop.read(order)).state is OrderState.EXPIRED


async def test_a_decision_that_waits_within_the_deadline_is_in_time(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await clock.set(order.expires_at - 2 * QUARTER_SECOND)

    async with meanwhile(shop, shop.pay(order), *board_of(order)) as deciding:
        await clock.set(order.expires_at - MILLISECOND)
    decision = await deciding

    assert decision == Decision(1)


async def test_a_late_decision_that_waits_is_rescued_by_the_clock_after_the_wait(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    window_ends = order.expires_at + timedelta(seconds=order.policy.rescue_seconds)
    await clock.set(window_ends - QUARTER_SECOND)

    async with meanwhile(shop, shop.pay(order), *board_of(order)) as deciding:
        await clock.set(window_ends)
    decision = await deciding

    assert decision == Decision(1, Refusal.HOLD_EXPIRED)


async def test_seats_paid_by_places_alone_are_sold_until_the_last_millisecond(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    card_id = shop.wallet.issue(2)
    in_time = await shop.hold(screening_id, ["A1"], owner=ACCOUNT)
    late = await shop.hold(screening_id, ["B1"], owner=ACCOUNT)
    await clock.set(in_time.expires_at - MILLISECOND)

    sold = await shop.place_by_card(in_time, card_id, ["A1"])
    await clock.set(late.expires_at)
    with pytest.raises(HoldExpiredError):
        await shop.place_by_card(late, card_id, ["B1"])

    assert sold.state is OrderState.COMPLETING


@pytest.mark.rule("OTC-15")
@pytest.mark.usefixtures("process_clock")
async def test_an_order_is_begun_with_a_minute_left_and_not_with_a_millisecond_less(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    hold, other = await shop.hold(screening_id), await shop.hold(screening_id, ["B1"])
    await clock.set(hold.expires_at - A_MINUTE + MILLISECOND)

    with pytest.raises(TooLittleTimeError):
        await shop.use.place_order(a_purchase(hold), an_order_key())
    await clock.set(other.expires_at - A_MINUTE)
    order = await shop.use.place_order(a_purchase(other), an_order_key())

    assert order.state is OrderState.AWAITING_PAYMENT


@pytest.mark.rule("OTC-15")
@pytest.mark.usefixtures("process_clock")
async def test_a_payment_is_tried_again_with_a_minute_left_and_not_with_a_millisecond_less(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await declined(shop, order)
    await clock.set(order.expires_at - A_MINUTE + MILLISECOND)

    with pytest.raises(TooLittleTimeError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    await clock.set(order.expires_at)
    with pytest.raises(OrderNotPayableError):
        await shop.use.retry_payment(order.id, AS_GUEST, retry_key())
    await clock.set(order.expires_at - A_MINUTE)
    again = await shop.use.retry_payment(order.id, AS_GUEST, retry_key())

    assert again.leg("payment").attempt == 2


async def test_an_order_that_waits_until_too_little_time_is_left_is_refused(
    shop: Shop, clock: StillClock, screening_id: UUID
) -> None:
    hold = await shop.hold(screening_id)
    await clock.set(hold.expires_at - A_MINUTE)
    placing = shop.use.place_order(a_purchase(hold), an_order_key())

    lock = "SELECT FROM hold WHERE id = $1 FOR UPDATE"
    async with meanwhile(shop, placing, lock, hold.id) as waiting:
        await clock.set(hold.expires_at - A_MINUTE + MILLISECOND)

    with pytest.raises(TooLittleTimeError):
        await waiting
    assert await shop.count("customer_order") == 0


async def test_late_money_is_not_judged_by_what_catalog_cannot_confirm(
    shop: Shop, catalog: FakeCatalog, screening_id: UUID
) -> None:
    order = await shop.place(screening_id)
    await shop.past_deadline()
    catalog.is_down = True

    with pytest.raises(DependencyUnavailableError):
        await shop.pay(order)
    catalog.is_down = False
    decision = await shop.pay(order)

    assert decision.granted
