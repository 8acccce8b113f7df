"""What a client sees of WatchOrder: over a real channel, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import order_pb2
from cinema.booking.v1.booking_service_pb2_grpc import (
    BookingServiceStub,
    add_BookingServiceServicer_to_server,
)

from services.booking.domain.order import Order
from services.booking.handlers.booking_servicer import BookingServicer
from services.booking.handlers.order_topic import OrderLook
from services.booking.handlers.watch_servicer import Feeds
from services.booking.use_cases.order_ports import Reader
from services.booking.use_cases.watcher_places import WatcherPlaces
from services.common.feeds import Feed, Rhythm
from services.common.rpc.errors import refusal_of
from services.common.rpc.server import RpcApplication
from tests.integration.booking.orders.conftest import Shop
from tests.kit.booking_orders import TOKENS, a_purchase, an_order_key
from tests.kit.booking_rpc import Metadata, as_account, as_guest, as_staff, serving

PATIENCE_S = 20
SESSION = "0198c0de-0000-7000-8000-0000000005e5"
GUEST = f"guest:{SESSION}"
AS_GUEST = as_guest(SESSION)
MAX_WATCHES = 2
S = order_pb2.Order


@dataclass
class Watching:
    """A booking process whose orders can be watched, and its shop."""

    stub: Any
    shop: Shop
    feeds: Feeds
    views: list[Any] = field(default_factory=list)

    async def place(self, screening_id: UUID, *seat_ids: str) -> Order:
        hold = await self.shop.hold(screening_id, seat_ids or ("A1", "A2"), owner=GUEST)
        return await self.shop.use.place_order(a_purchase(hold, owner=GUEST), an_order_key(GUEST))

    def watch(self, order_id: UUID, caller: Metadata = AS_GUEST, after_version: int = 0) -> Any:
        request = pb.WatchOrderRequest(order_id=str(order_id), after_version=after_version)
        self.views.append(self.stub.WatchOrder(request, metadata=caller))
        return self.views[-1]


@pytest.fixture
async def watching(shop: Shop) -> AsyncIterator[Watching]:
    nobody: Any = None
    rhythm = Rhythm(interval_ms=10, look_ms=5, heartbeat_ms=200, max_age_ms=60_000)
    feeds = Feeds(
        seat_maps=nobody,
        orders=Feed(OrderLook(shop.use.store.read_moved), rhythm),
        places=WatcherPlaces(MAX_WATCHES, MAX_WATCHES, MAX_WATCHES),
    )
    others = {each.name: nobody for each in fields(BookingServicer) if each.init}
    used = {"get_order": shop.use.get_order, "feeds": feeds}
    servicer = BookingServicer(**others | used)
    application = RpcApplication([partial(add_BookingServiceServicer_to_server, servicer)])
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(feeds.orders.running())
        server = await stack.enter_async_context(serving(application))
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        )
        watching = Watching(BookingServiceStub(channel), shop, feeds)
        yield watching
        for view in watching.views:
            view.cancel()


async def read(view: Any) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return await view.read()


async def until(view: Any, state: Any) -> Any:
    """Read until the order is in a state; gives that message."""
    while True:
        message = await read(view)
        assert message is not grpc.aio.EOF
        if message.HasField("order") and message.order.state == state:
            return message


async def refused(view: Any) -> Any:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await read(view)
    return refusal_of(error.value)


@pytest.mark.rule("OTC-12")
async def test_a_buyer_watches_the_order_until_the_tickets_are_there(
    watching: Watching, screening_id: UUID
) -> None:
    order = await watching.place(screening_id)
    view = watching.watch(order.id)
    first = await until(view, S.STATE_AWAITING_PAYMENT)

    await watching.shop.pay(order)
    await watching.shop.drive(order)
    last = await until(view, S.STATE_CONFIRMED)

    assert first.order.redirect_url.startswith("https://pay.example/")
    assert last.is_final
    assert last.version > first.version
    assert last.order.timeline[0].what == "ORDER_PLACED"
    assert await read(view) is grpc.aio.EOF
    assert await view.code() is grpc.StatusCode.OK


@pytest.mark.parametrize("who", ["the guest", "the order's token", "customer service"])
async def test_who_may_read_an_order_may_watch_it(
    watching: Watching, screening_id: UUID, who: str
) -> None:
    order = await watching.place(screening_id)
    caller = {
        "the order's token": (*as_guest(), ("x-order-token", TOKENS.token_of(order.id))),
        "customer service": as_staff("customer_service"),
        "the guest": AS_GUEST,
    }[who]

    message = await read(watching.watch(order.id, caller))

    assert message.order.id == str(order.id)


@pytest.mark.parametrize("whose", ["somebody else's", "an unknown one"])
async def test_other_orders_cannot_be_watched(
    watching: Watching, screening_id: UUID, whose: str
) -> None:
    order = await watching.place(screening_id)
    order_id = order.id if whose == "somebody else's" else uuid4()

    refusal = await refused(watching.watch(order_id, as_account(uuid4())))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND")


async def test_who_comes_again_hears_only_what_is_new(
    watching: Watching, screening_id: UUID
) -> None:
    order = await watching.place(screening_id)
    version = (await read(watching.watch(order.id))).version

    again = watching.watch(order.id, after_version=version)
    in_step = await read(again)
    await watching.shop.use.abandon_order(order.id, Reader(GUEST), an_order_key(GUEST))
    news = await until(again, S.STATE_ABANDONED)

    assert (in_step.version, in_step.HasField("order")) == (version, False)
    assert news.version > version


async def test_an_ended_order_is_told_at_once_and_ends_the_stream(
    watching: Watching, screening_id: UUID
) -> None:
    order = await watching.place(screening_id)
    await watching.shop.pay(order)
    done = await watching.shop.drive(order)

    view = watching.watch(order.id, after_version=done.version)
    message = await read(view)

    assert (message.is_final, message.order.state) == (True, S.STATE_CONFIRMED)
    assert await read(view) is grpc.aio.EOF


async def test_an_expired_order_is_watched_until_its_payment_is_cancelled(
    watching: Watching, screening_id: UUID
) -> None:
    order = await watching.place(screening_id)
    view = watching.watch(order.id)

    await watching.shop.past_deadline(seconds=20)
    await watching.shop.expire_due()
    expired = await until(view, S.STATE_EXPIRED)
    await watching.shop.process.move_clock(20)
    await watching.shop.drive(order)
    while not (last := await read(view)).is_final:
        pass

    assert not expired.is_final
    assert last.order.legs[0].state == order_pb2.OrderLeg.STATE_UNDONE


async def test_only_so_many_streams_of_a_caller_are_open_at_a_time(
    watching: Watching, screening_id: UUID
) -> None:
    orders = [await watching.place(screening_id, seats) for seats in ("A1", "B1", "C1")]
    for order in orders[:MAX_WATCHES]:
        await read(watching.watch(order.id))

    refusal = await refused(watching.watch(orders[-1].id))

    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "TOO_MANY_WATCHERS",
    )
    assert refusal.metadata["scope"] == "CALLER"


@pytest.mark.parametrize(
    "request_",
    [pb.WatchOrderRequest(), pb.WatchOrderRequest(order_id=str(uuid4()), after_version=-1)],
)
async def test_bad_fields_are_refused(watching: Watching, request_: pb.WatchOrderRequest) -> None:
    refusal = await refused(watching.stub.WatchOrder(request_, metadata=AS_GUEST))

    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")


async def test_without_a_token_nobody_watches(watching: Watching) -> None:
    refusal = await refused(watching.watch(uuid4(), ()))

    assert refusal.reason == "UNAUTHENTICATED"
