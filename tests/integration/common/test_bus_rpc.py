"""The servicers and the client of feeds, over a real channel."""

import grpc
import pytest
from cinema.type.v1 import dead_event_service_pb2, dead_event_service_pb2_grpc
from cinema.type.v1 import event_feed_service_pb2_grpc as feed_grpc

from services.common.bus.connection import BusConnection
from services.common.bus.dead_events import DeadEvents
from services.common.bus.dead_events_servicer import DeadEventsServicer
from services.common.bus.events import Subscription
from services.common.bus.failures import NeverApplicableError
from services.common.bus.feed import Feed
from services.common.bus.feed_client import FeedClient
from services.common.bus.feed_servicer import FeedServicer
from services.common.bus.relay import Relay
from services.common.rpc.paging import PageTokens
from tests.integration.common.parts import SOURCE, applier, note_effect
from tests.integration.common.test_bus_feed import NO_BUS


@pytest.fixture
async def channel(db, listener_db):
    server = grpc.aio.server()
    feed_grpc.add_EventFeedServiceServicer_to_server(FeedServicer(Feed(SOURCE, db)), server)
    dead_event_service_pb2_grpc.add_DeadEventServiceServicer_to_server(
        DeadEventsServicer(
            DeadEvents(listener_db, [Subscription(SOURCE, {"Told": note_effect})]),
            PageTokens.from_secret(b"secret"),
        ),
        server,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as open_channel:
        yield open_channel
    await server.stop(None)


async def test_a_feed_read_over_the_wire_is_the_feed(db, sender, channel):
    for number in range(5):
        await sender.tell("thing-1", payload=bytes([number]))
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    await relay.number()
    client = FeedClient({SOURCE: feed_grpc.EventFeedServiceStub(channel)})

    page = await client(SOURCE, 2, 2)

    assert list(page.events) == (await relay.read(2, 2))
    assert (page.first_feed_number, page.last_feed_number) == (1, 5)


async def test_dead_events_are_paged(db, sender, listener_db, channel):
    async def refuse(tx, event) -> None:
        raise NeverApplicableError

    for _ in range(3):
        await sender.tell("thing-1")
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    await relay.number()
    await applier(listener_db, Told=refuse).apply(await relay.read(0, 10))
    stub = dead_event_service_pb2_grpc.DeadEventServiceStub(channel)
    request = dead_event_service_pb2.ListDeadEventsRequest(page_size=2)

    first = await stub.ListDeadEvents(request)
    request.page_token = first.next_page_token
    second = await stub.ListDeadEvents(request)

    assert [event.aggregate_version for event in first.dead_events] == [1, 2]
    assert [event.aggregate_version for event in second.dead_events] == [3]
    assert second.next_page_token == ""
