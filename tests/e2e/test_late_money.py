"""Money that comes late, twice or wrong: no ticket, nothing kept, and the order says so."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from cinema.booking.v1 import order_pb2, seat_pb2
from cinema.catalog.v1 import catalog_admin_service_pb2 as admin_pb
from cinema.catalog.v1 import programme_service_pb2, screening_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.timestamp_pb2 import Timestamp

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import CALL_TIMEOUT_S, Stage, until
from deploy.local.clock import TestClock
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")

S = order_pb2.Order
TEN_MINUTES_S = 600
PATIENCE_S = 16
PAID = "WAITING_FOR_CONFIRMATION"


@dataclass
class Till:
    """A buyer who pays in time, and a provider whose word comes when the test lets it."""

    suite: Suite
    stage: Stage
    buyer: Buyer

    async def pays_unheard(
        self, screening: Screening, seats: list[str], *, action: str = "pay"
    ) -> order_pb2.Order:
        """Pay on the page; the provider's notice of it is lost."""
        order = await self.buyer.place(await self.buyer.hold(screening.id, seats))
        await self.control("faults", {"kind": "drop", "order": f"{order.id}*", "status": PAID})
        await self.buyer.on_page(order, action)
        return order

    async def deadline_passes(self, order: order_pb2.Order) -> order_pb2.Order:
        """Let ten minutes pass for booking, who decides; the provider's page stays open."""
        return await self.time_passes(order, TEN_MINUTES_S, S.STATE_EXPIRED)

    async def time_passes(
        self, order: order_pb2.Order, seconds: int, state: "order_pb2.Order.State.ValueType"
    ) -> order_pb2.Order:
        """Let time pass for booking alone, and wait for what becomes of the order."""
        connection = await asyncpg.connect(self.suite.owner_urls["booking"])
        try:
            await connection.execute(
                "UPDATE app_clock_offset SET offset_seconds = offset_seconds + $1", seconds
            )
        finally:
            await connection.close()
        return await self.buyer.await_state(order.id, state)

    async def word_comes(
        self, order: order_pb2.Order, status: str = PAID, *, attempt: int = 1
    ) -> None:
        """Let the provider say it, signed."""
        await self.control(f"orders/{order.id}-{attempt}/notify", {"status": status})

    async def ends(self, order: order_pb2.Order, what: str) -> order_pb2.Order:
        """Wait until the order's story has an entry."""

        async def told() -> order_pb2.Order | None:
            latest = await self.buyer.order(order.id)
            return latest if what in story_of(latest) else None

        latest: order_pb2.Order = await until(told, what=f"{what} of {order.id}")
        return latest

    async def provider_keeps_nothing(self, order: order_pb2.Order, *, attempt: int = 1) -> bool:
        """Wait until the provider has given the authorisation back; tells that nothing was taken."""

        async def cancelled() -> dict[str, Any] | None:
            known = await self.provider_order(f"{order.id}-{attempt}")
            return known if known["status"] == "CANCELED" else None

        known: dict[str, Any] = await until(cancelled, what="the cancel at the provider")
        return int(known["captured"]) == 0

    async def provider_order(self, ext_order_id: str) -> dict[str, Any]:
        orders = await self.stage.provider_orders()
        return next(each for each in orders if each["ext_order_id"] == ext_order_id)

    async def control(self, path: str, body: dict[str, Any]) -> None:
        url = f"{self.suite.provider_url}/emulator/{path}"
        async with self.stage.http.post(url, json=body) as answer:
            answer.raise_for_status()


def story_of(order: order_pb2.Order) -> dict[str, str]:
    return {entry.what: entry.detail for entry in order.timeline}


@pytest.fixture
async def till(suite: Suite, stage: Stage, clock: TestClock) -> AsyncIterator[Till]:
    """Faults are taken back, and the clock is put back, after the test."""
    del clock
    opened = Till(suite, stage, await Buyer.guest(stage, "Ana"))
    yield opened
    async with stage.http.delete(f"{suite.provider_url}/emulator/faults") as answer:
        answer.raise_for_status()


async def two_seats(house: House, screening: Screening) -> list[str]:
    return (await house.free_seats(screening.id)).take(2)


@pytest.mark.rule("OTC-14.4b")
@pytest.mark.rule("OTC-15")
async def test_late_money_for_seats_that_are_gone_is_not_taken(
    till: Till, stage: Stage, house: House, screening: Screening
) -> None:
    seats = await two_seats(house, screening)
    order = await till.pays_unheard(screening, seats)
    await till.deadline_passes(order)
    other = await Buyer.guest(stage, "Ion")
    await other.buy(screening.id, seats)

    await till.word_comes(order)
    refused = await till.ends(order, "PAYMENT_REFUSED")

    assert refused.state == S.STATE_EXPIRED
    assert story_of(refused)["PAYMENT_REFUSED"] == "1 HOLD_EXPIRED"
    assert await till.provider_keeps_nothing(order)
    assert await till.buyer.tickets(order.id) == []


@pytest.mark.rule("OTC-15")
async def test_late_money_for_seats_that_are_free_buys_them(
    till: Till, house: House, screening: Screening
) -> None:
    seats = await two_seats(house, screening)
    order = await till.pays_unheard(screening, seats)
    await till.deadline_passes(order)

    await till.word_comes(order)
    rescued = await till.buyer.await_state(order.id, S.STATE_CONFIRMED)

    assert "PAYMENT_RESCUED" in story_of(rescued)
    assert len(await till.buyer.tickets(order.id)) == 2
    states = await house.seat_states(screening.id)
    assert {states[seat] for seat in seats} == {seat_pb2.SEAT_STATE_SOLD}


@pytest.mark.rule("OTC-15")
async def test_money_that_nobody_ever_heard_of_is_found_after_the_deadline_and_buys_the_seats(
    till: Till, house: House, screening: Screening
) -> None:
    order = await till.pays_unheard(screening, await two_seats(house, screening))
    await till.deadline_passes(order)

    rescued = await till.time_passes(order, PATIENCE_S, S.STATE_CONFIRMED)

    assert "PAYMENT_RESCUED" in story_of(rescued)
    assert len(await till.buyer.tickets(order.id)) == 2


@pytest.mark.rule("OTC-15")
async def test_a_page_that_nobody_paid_is_closed_after_the_deadline(
    till: Till, house: House, screening: Screening
) -> None:
    seats = await two_seats(house, screening)
    order = await till.buyer.place(await till.buyer.hold(screening.id, seats))
    await till.deadline_passes(order)

    await till.time_passes(order, PATIENCE_S, S.STATE_EXPIRED)

    assert await till.provider_keeps_nothing(order)


@pytest.mark.rule("OTC-13b")
async def test_late_money_of_a_buyer_who_bought_again_is_not_taken(
    till: Till, house: House, screening: Screening
) -> None:
    order = await till.pays_unheard(screening, await two_seats(house, screening))
    await till.deadline_passes(order)
    again = await till.buyer.buy(screening.id, await two_seats(house, screening))

    await till.word_comes(order)
    refused = await till.ends(order, "PAYMENT_REFUSED")

    assert again.state == S.STATE_CONFIRMED
    assert story_of(refused)["PAYMENT_REFUSED"] == "1 ALREADY_PAID"
    assert await till.provider_keeps_nothing(order)


async def test_late_money_for_a_screening_that_moved_is_not_taken(
    till: Till, stage: Stage, house: House, screening: Screening
) -> None:
    order = await till.pays_unheard(screening, await two_seats(house, screening))
    await till.deadline_passes(order)
    await move_by(stage, screening, timedelta(minutes=1))

    await till.word_comes(order)
    refused = await till.ends(order, "PAYMENT_REFUSED")

    assert story_of(refused)["PAYMENT_REFUSED"] == "1 SCREENING_CHANGED"
    assert await till.provider_keeps_nothing(order)


@pytest.mark.parametrize("late", [True, False])
async def test_money_for_a_screening_that_was_called_off_is_not_taken(
    till: Till, stage: Stage, house: House, screening: Screening, *, late: bool
) -> None:
    order = await till.pays_unheard(screening, await two_seats(house, screening))
    if late:
        await till.deadline_passes(order)
    await call_off(stage, screening)

    await till.word_comes(order)
    refused = await till.ends(order, "PAYMENT_REFUSED")

    assert story_of(refused)["PAYMENT_REFUSED"] == "1 SCREENING_CHANGED"
    assert await till.provider_keeps_nothing(order)
    assert await till.buyer.tickets(order.id) == []


@pytest.mark.rule("OTC-13b")
async def test_who_pays_both_pages_pays_once(
    till: Till, house: House, screening: Screening
) -> None:
    seats = await two_seats(house, screening)
    order = await till.buyer.place(await till.buyer.hold(screening.id, seats))
    await till.word_comes(order, "CANCELED")  # The provider is mistaken: its page is still open.
    await till.buyer.await_payment_failed(order.id)
    again = await till.buyer.retry_payment(order.id)
    await till.buyer.on_page(again, "pay")
    await till.buyer.await_state(order.id, S.STATE_CONFIRMED)

    await till.control(f"orders/{order.id}-1/pay", {})

    first = await till.provider_order(f"{order.id}-1")
    second = await till.provider_order(f"{order.id}-2")
    bought = await till.buyer.order(order.id)
    assert (int(first["captured"]), int(second["captured"])) == (0, order.money_due.minor_units)
    assert bought.state == S.STATE_CONFIRMED
    assert len(await till.buyer.tickets(order.id)) == 2


@pytest.mark.rule("OTC-13b")
async def test_a_wrong_amount_makes_no_ticket_and_the_right_one_does(
    till: Till, house: House, screening: Screening
) -> None:
    seats = await two_seats(house, screening)
    order = await till.buyer.place(await till.buyer.hold(screening.id, seats))
    wrong = {"totalAmount": str(order.money_due.minor_units - 1)}
    fault = {"kind": "alter", "order": f"{order.id}-1", "status": PAID, "fields": wrong}
    await till.control("faults", fault)

    await till.buyer.on_page(order, "pay")
    aside = await till.ends(order, "PAYMENT_SET_ASIDE")
    keeps_nothing = await till.provider_keeps_nothing(order)
    again = await till.buyer.retry_payment(order.id)
    await till.buyer.on_page(again, "pay")
    bought = await till.buyer.await_state(order.id, S.STATE_CONFIRMED)

    assert story_of(aside)["PAYMENT_SET_ASIDE"] == "1 WRONG_AMOUNT"
    assert [leg.last_problem for leg in aside.legs] == ["WRONG_AMOUNT"]
    assert keeps_nothing
    assert bought.legs[0].attempt == 2


async def the(stage: Stage, screening: Screening) -> Screening:
    request = programme_service_pb2.GetScreeningRequest(screening_id=screening.id)
    answer = await stage.programme.GetScreening(request, timeout=CALL_TIMEOUT_S)
    found: Screening = answer.screening
    return found


async def move_by(stage: Stage, screening: Screening, by: timedelta) -> None:
    fresh = await the(stage, screening)
    start = Timestamp()
    start.FromDatetime(fresh.start_time.ToDatetime() + by)
    await stage.catalog_admin.RescheduleScreening(
        admin_pb.RescheduleScreeningRequest(
            screening_id=fresh.id, etag=fresh.etag, start_time=start, request_id=str(uuid4())
        ),
        metadata=stage.staff("cinema_manager"),
        timeout=CALL_TIMEOUT_S,
    )


async def call_off(stage: Stage, screening: Screening) -> None:
    fresh = await the(stage, screening)
    await stage.catalog_admin.CancelScreening(
        admin_pb.CancelScreeningRequest(
            screening_id=fresh.id,
            etag=fresh.etag,
            cause=screening_pb2.CANCELLATION_CAUSE_TECHNICAL,
            reason="The projector failed.",
            attributable=True,
            request_id=str(uuid4()),
        ),
        metadata=stage.staff("cinema_manager"),
        timeout=CALL_TIMEOUT_S,
    )
