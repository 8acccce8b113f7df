"""Booking's processes as they are put together: real database, bus and peers over the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import grpc
import pytest
from cinema.booking.v1 import booking_service_pb2 as pb
from cinema.booking.v1 import hold_pb2
from cinema.booking.v1.booking_service_pb2_grpc import BookingServiceStub
from cinema.catalog.v1 import events_pb2
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsRequest, GetSalesFactsResponse
from cinema.catalog.v1.sales_facts_service_pb2_grpc import (
    SalesFactsServiceServicer,
    add_SalesFactsServiceServicer_to_server,
)
from cinema.type.v1 import event_feed_service_pb2 as feed_pb
from cinema.type.v1.event_feed_service_pb2_grpc import (
    EventFeedServiceServicer,
    add_EventFeedServiceServicer_to_server,
)
from google.protobuf.message import Message

from deploy.local.databases import ServiceDatabase
from deploy.local.identities import create
from deploy.local.state_folder import StateFolder
from services.booking.config import BookingSettings
from services.booking.rpc_application import build_rpc
from services.booking.worker_tasks import build_worker
from services.common.ids import new_id
from services.common.rpc.server import RpcServer
from tests.kit.booking_rpc import Metadata
from tests.kit.booking_seats import HOLD_SECONDS, FakeCatalog, a_seat_plan, sales_facts
from tests.load.crowd import PATH, Board, Report, Watcher

PATIENCE_S = 20
WATCHERS = 30


class CatalogOnTheWire(SalesFactsServiceServicer, EventFeedServiceServicer):
    """Catalog's two services that booking asks, answered from a `FakeCatalog`."""

    def __init__(self, catalog: FakeCatalog) -> None:
        self.catalog = catalog
        self.events: list[feed_pb.FeedEvent] = []

    def tell(self, message: Message, aggregate_id: object) -> None:
        event = feed_pb.FeedEvent(
            feed_number=len(self.events) + 1,
            id=str(new_id()),
            type=type(message).__name__,
            aggregate_id=str(aggregate_id),
            aggregate_version=1,
            payload=message.SerializeToString(),
        )
        event.occur_time.FromDatetime(datetime.now(UTC))
        self.events.append(event)

    async def GetSalesFacts(  # noqa: N802 - the RPC's name
        self, request: GetSalesFactsRequest, context: Any
    ) -> GetSalesFactsResponse:
        del context
        return await self.catalog.sales_facts(
            UUID(request.screening_id), include_seat_plan=request.include_seat_plan
        )

    async def ListEvents(  # noqa: N802 - the RPC's name
        self, request: feed_pb.ListEventsRequest, context: Any
    ) -> feed_pb.ListEventsResponse:
        del context
        return feed_pb.ListEventsResponse(
            events=self.events[request.after_feed_number :],
            last_feed_number=len(self.events),
            first_feed_number=min(1, len(self.events)),
        )


@dataclass
class Running:
    """Booking as it runs: one RPC process and one worker process, in one event loop."""

    stub: Any
    channel: grpc.aio.Channel
    catalog: CatalogOnTheWire
    database: "asyncpg.Connection[asyncpg.Record]"

    async def guest(self) -> Metadata:
        session = await self.stub.StartSession(pb.StartSessionRequest(request_id=str(uuid4())))
        return (("authorization", f"Bearer {session.session_token}"),)

    async def hold(self, screening_id: UUID, seat_id: str, guest: Metadata) -> hold_pb2.Hold:
        request = pb.HoldSeatsRequest(
            screening_id=str(screening_id),
            seat_ids=[seat_id],
            tickets=[hold_pb2.TicketCount(ticket_type="ADULT", count=1)],
            request_id=str(uuid4()),
        )
        answer = await self.stub.HoldSeats(request, metadata=guest)
        hold: hold_pb2.Hold = answer.hold
        return hold

    async def board(self, screening_id: UUID) -> Board:
        row = await self.database.fetchrow(
            "SELECT epoch, revision, seat_states FROM screening_board WHERE screening_id = $1",
            screening_id,
        )
        assert row is not None
        return Board(row["epoch"], row["revision"], row["seat_states"])

    async def until(self, query: str, *arguments: object) -> None:
        """Return once a query of booking's database finds something."""
        async with asyncio.timeout(PATIENCE_S):
            while not await self.database.fetchval(query, *arguments):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.fixture
async def running(
    booking_database: ServiceDatabase,
    redis_url: str,
    nats_url: Callable[[str], str],
    tmp_path: Path,
) -> AsyncIterator[Running]:
    catalog = CatalogOnTheWire(FakeCatalog())
    peer = grpc.aio.server()
    add_SalesFactsServiceServicer_to_server(catalog, peer)
    add_EventFeedServiceServicer_to_server(catalog, peer)
    address = f"127.0.0.1:{peer.add_insecure_port('127.0.0.1:0')}"
    settings = settings_for(booking_database, redis_url, nats_url("booking"), tmp_path, address)
    async with AsyncExitStack() as stack:
        await peer.start()
        stack.push_async_callback(peer.stop, None)
        server = RpcServer(settings, await build_rpc(settings, stack))
        await server.start()
        stack.push_async_callback(server.stop)
        stopping = asyncio.Event()
        worker = await build_worker(settings, stack)
        working = asyncio.create_task(worker.work(stopping))
        stack.push_async_callback(_stop, working, stopping)
        channel = await stack.enter_async_context(
            grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        )
        database = await asyncpg.connect(booking_database.owner_url)
        stack.push_async_callback(database.close)
        yield Running(BookingServiceStub(channel), channel, catalog, database)


def settings_for(
    database: ServiceDatabase, redis_url: str, nats_url: str, folder: Path, peers: str
) -> BookingSettings:
    state = StateFolder(folder / "state")
    state.create()
    keys = create(state, ("catalog", "booking", "wallet", "payment"))
    values: dict[str, Any] = {
        "database_url": database.app_url,
        "redis_url": redis_url,
        "nats_url": nats_url,
        "catalog_address": peers,
        "wallet_address": peers,
        "payment_address": peers,
        "booking_address": peers,
        "token_keys_file": keys.token_keys,
        "service_keys_file": keys.service_keys,
        "service_key_file": keys.service_key("booking"),
        "session_keys_file": keys.session_keys,
        "session_key_file": keys.session_key,
        "ticket_key_file": keys.ticket_key,
        "order_token_secret_file": keys.order_token_secret,
        "smtp_address": "127.0.0.1:1",
        "mail_from": "tickets@parterre.example",
        "public_url": "https://parterre.example",
        "test_clock": True,
        "drain_grace_ms": 500,
    }
    return BookingSettings(**values)


async def _stop(working: "asyncio.Task[None]", stopping: asyncio.Event) -> None:
    stopping.set()
    await working


@pytest.mark.rule("OTC-14.4b")
async def test_a_guest_holds_and_the_worker_frees_what_lapses(running: Running) -> None:
    screening_id = running.catalog.catalog.publish(sales_facts(uuid4()))
    hold = await running.hold(screening_id, "A1", await running.guest())
    assert hold.time_left.seconds == HOLD_SECONDS

    await running.database.execute("UPDATE app_clock_offset SET offset_seconds = $1", HOLD_SECONDS)

    await running.until("SELECT 1 FROM hold WHERE state = 'EXPIRED' AND id = $1", UUID(hold.id))
    taken = await running.hold(screening_id, "A1", await running.guest())
    assert taken.state == hold_pb2.Hold.STATE_ACTIVE


@pytest.mark.rule("OTC-14.4b")
async def test_lapsed_seats_turn_free_while_a_dead_worker_has_the_leases(running: Running) -> None:
    await running.database.execute("""
        INSERT INTO lease (name, owner, fence, expire_time)
        VALUES ('task:sweep-holds', 'dead', 1, 'infinity')
        ON CONFLICT (name) DO UPDATE SET owner = 'dead', fence = lease.fence + 1,
            expire_time = 'infinity'""")
    screening_id = running.catalog.catalog.publish(sales_facts(uuid4()))
    hold = await running.hold(screening_id, "A1", await running.guest())

    await running.database.execute("UPDATE app_clock_offset SET offset_seconds = $1", HOLD_SECONDS)

    await running.until("SELECT 1 FROM hold WHERE state = 'EXPIRED' AND id = $1", UUID(hold.id))


async def test_watchers_see_a_lapsed_seat_turn_free(running: Running) -> None:
    screening_id = running.catalog.catalog.publish(sales_facts(uuid4()))
    hold = await running.hold(screening_id, "A1", await running.guest())
    request = pb.WatchSeatMapRequest(
        screening_id=str(screening_id), epoch=hold.epoch, revision=hold.revision
    )
    watching = running.stub.WatchSeatMap(request)

    await running.database.execute("UPDATE app_clock_offset SET offset_seconds = $1", HOLD_SECONDS)

    async with asyncio.timeout(PATIENCE_S):
        while not (message := await watching.read()).HasField("delta"):
            pass
    assert message.revision > hold.revision
    assert [(each.seat_index, each.state) for each in message.delta.changes] == [(0, 1)]
    watching.cancel()


async def test_tens_of_watchers_see_every_change_and_end_with_the_databases_map(
    running: Running,
) -> None:
    rows = "ABCDEF"
    plan = a_seat_plan(rows=len(rows), seats_per_row=1)
    screening_id = running.catalog.catalog.publish(sales_facts(uuid4(), plan=plan))
    watch: Any = running.channel.unary_stream(PATH)
    watchers = [
        Watcher(watch, str(screening_id), await running.guest(), Report()) for _ in range(WATCHERS)
    ]
    watching = asyncio.gather(*(watcher.run() for watcher in watchers))

    for row in rows:
        await running.hold(screening_id, f"{row}1", await running.guest())
    board = await running.board(screening_id)
    async with asyncio.timeout(PATIENCE_S):
        while any(watcher.revision < board.revision for watcher in watchers):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)

    for watcher in watchers:
        watcher.judge(board, [])
        assert watcher.report.gaps == []
        assert watcher.report.different == 0
        assert watcher.report.messages["snapshot"] == 1
        assert not watcher.report.interruptions


async def test_what_catalog_tells_through_its_feed_changes_the_next_hold(
    running: Running,
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    running.catalog.catalog.publish(sales_facts(screening_id, plan=plan))
    guest = await running.guest()
    before = await running.hold(screening_id, "A1", guest)
    dearer = sales_facts(screening_id, plan=plan, version=2, price_minor_units=4_000)
    running.catalog.catalog.publish(dearer)

    running.catalog.tell(events_pb2.ScreeningChanged(screening_id=str(screening_id)), screening_id)

    await running.until("SELECT 1 FROM inbox WHERE source = 'catalog'")
    after = await running.hold(screening_id, "A2", guest)
    assert before.seats[0].price.minor_units == 3_000
    assert after.seats[0].price.minor_units == 4_000


async def test_the_worker_keeps_the_heartbeat_young(running: Running) -> None:
    await running.until("SELECT 1 FROM facts_heartbeat")
    first = await running.database.fetchval("SELECT caught_up_at FROM facts_heartbeat")

    await running.until("SELECT 1 FROM facts_heartbeat WHERE caught_up_at > $1", first)
