"""The provider goes away and comes back: nobody is lost between, nobody is sent into the void."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest
from cinema.booking.v1 import hold_pb2, order_pb2
from cinema.catalog.v1.screening_pb2 import Screening

from deploy.demo.buyer import Buyer
from deploy.demo.house import House
from deploy.demo.stage import Stage, until
from deploy.local.clock import TestClock
from services.common.rpc.client import refusal_of
from services.common.rpc.errors import Refusal
from tests.kit.suite import Suite

pytestmark = pytest.mark.xdist_group("stack")

S = order_pb2.Order
FIVE_MINUTES_S = 300
THREE_PAIRS = 6


@dataclass
class Provider:
    """The local provider, which can be cut off."""

    suite: Suite
    stage: Stage

    @property
    def faults_url(self) -> str:
        return f"{self.suite.provider_url}/emulator/faults"

    async def go_away(self) -> None:
        async with self.stage.http.post(self.faults_url, json={"kind": "outage"}) as answer:
            answer.raise_for_status()

    async def come_back(self) -> None:
        async with self.stage.http.delete(self.faults_url) as answer:
            answer.raise_for_status()


@pytest.fixture
async def provider(
    suite: Suite, stage: Stage, house: House, screening: Screening
) -> AsyncIterator[Provider]:
    """Back, and trusted again, after the test."""
    opened = Provider(suite, stage)
    yield opened
    await opened.come_back()
    last = await Buyer.guest(stage, "Zoe")
    hold = await last.hold(screening.id, (await house.free_seats(screening.id)).take(2))
    await accepted(last, hold)


async def refused(buyer: Buyer, hold: hold_pb2.Hold) -> Refusal | None:
    try:
        await buyer.place(hold)
    except grpc.aio.AioRpcError as error:
        return refusal_of(error)
    return None


async def early_refusal(buyer: Buyer, hold: hold_pb2.Hold) -> Refusal | None:
    """Try once; None for a try that went to the provider, and whose order is on its way back."""
    refusal = await refused(buyer, hold)
    return refusal if refusal and refusal.reason == "PROVIDER_UNAVAILABLE" else None


async def accepted(buyer: Buyer, hold: hold_pb2.Hold) -> order_pb2.Order:
    """Try again and again, as a buyer would, until the provider's page opens."""

    async def place() -> order_pb2.Order | None:
        try:
            return await buyer.place(hold)
        except grpc.aio.AioRpcError as error:
            if refusal_of(error).reason != "PROVIDER_UNAVAILABLE":
                raise
            return None

    order: order_pb2.Order = await until(place, what="the provider to be back", poll_s=0.3)
    return order


async def test_who_pays_gets_more_time_and_nobody_else_is_sent_to_the_provider(
    provider: Provider, stage: Stage, house: House, screening: Screening, clock: TestClock
) -> None:
    paying, late = await Buyer.guest(stage, "Ana"), await Buyer.guest(stage, "Ion")
    impatient = await Buyer.guest(stage, "Dan")
    holder = Buyer.account(stage, "Eva")
    card = await holder.register_card(await house.issue_card(await clock.now()))
    runs = (await house.free_seats(screening.id)).runs
    seats, others = [run for run in runs if len(run) >= THREE_PAIRS][:2]
    order = await paying.place(await paying.hold(screening.id, seats[:2]))
    hold = await late.hold(screening.id, seats[2:4])
    tried_often = await impatient.hold(screening.id, seats[4:6])
    await provider.go_away()

    async def extended() -> order_pb2.Order | None:
        await refused(impatient, tried_often)
        latest = await paying.order(order.id)
        return latest if latest.HasField("extension") else None

    longer: order_pb2.Order = await until(extended, what="more time", poll_s=0.2)
    refusal = await until(lambda: early_refusal(late, hold), what="an early refusal", poll_s=0.2)
    kept = await late.tenders(hold)
    by_place = await holder.buy(screening.id, others[:1], {card.id: others[:1]})
    await provider.come_back()
    second = await accepted(late, hold)
    for buyer, bought in ((paying, order), (late, second)):
        await buyer.on_page(bought, "pay")
        await buyer.await_state(bought.id, S.STATE_CONFIRMED)

    assert longer.expire_time.seconds == order.expire_time.seconds + FIVE_MINUTES_S
    assert longer.extension.reason == "PROVIDER_UNAVAILABLE"
    assert refusal.retry_after_ms
    assert kept.hold.expire_time == hold.expire_time
    assert not kept.hold.HasField("extension")
    assert by_place.state == S.STATE_CONFIRMED
    assert not second.HasField("extension")
