"""What catalog tells the other services, as they read it from its feed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest
from cinema.catalog.v1 import events_pb2 as pb
from cinema.type.v1.dead_event_service_pb2 import ListDeadEventsRequest
from cinema.type.v1.dead_event_service_pb2_grpc import DeadEventServiceStub
from cinema.type.v1.event_feed_service_pb2 import FeedEvent, ListEventsRequest
from cinema.type.v1.event_feed_service_pb2_grpc import EventFeedServiceStub

from services.common.bus.connection import BusConnection
from services.common.bus.relay import Relay
from tests.integration.catalog.feeds import CINEMA_ID, a_feed, an_event
from tests.integration.catalog.screening_calls import cancel, change, create, reschedule
from tests.integration.catalog.test_admin import a_sold_screening, refusal, start
from tests.kit.catalog import NOWHERE, Catalog


@pytest.fixture
async def channel(catalog: Catalog) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(catalog.address) as opened:
        yield opened


async def told(catalog: Catalog, channel: grpc.aio.Channel) -> list[FeedEvent]:
    """Number what is committed, as the worker does, and read it as booking does."""
    await Relay("catalog", catalog.database, BusConnection(NOWHERE, "relay")).number()
    page = await EventFeedServiceStub(channel).ListEvents(
        ListEventsRequest(), metadata=catalog.service()
    )
    return list(page.events)


def payloads(events: Sequence[FeedEvent], kind: Any) -> list[Any]:
    return [
        kind.FromString(event.payload) for event in events if event.type == kind.DESCRIPTOR.name
    ]


async def test_what_is_published_is_told_with_what_it_is_about(
    catalog: Catalog, channel: grpc.aio.Channel
) -> None:
    screening = await a_sold_screening(catalog)
    await catalog.set_holidays("RO", "2026-12-25")

    events = await told(catalog, channel)

    (plan,) = payloads(events, pb.SeatPlanPublished)
    (prices,) = payloads(events, pb.PricesPublished)
    (terms,) = payloads(events, pb.TermsPublished)
    (holidays,) = payloads(events, pb.HolidaysSet)
    (published,) = payloads(events, pb.ScreeningPublished)
    assert (plan.hall_id, plan.cinema_id) == (screening.hall_id, CINEMA_ID)
    assert plan.seat_plan_id == screening.seat_plan_id
    assert prices.cinema_id == CINEMA_ID
    assert prices.price_list_id
    assert prices.effective_time.ToJsonString() == "2026-01-01T00:00:00Z"
    assert (terms.policy_code, terms.gtc_version) == ("cinema-city-ro", "2026-01")
    assert (terms.otc_version, terms.effective_time) == ("2026-01", prices.effective_time)
    assert (holidays.country_code, holidays.year) == ("RO", 2026)
    assert (published.screening_id, published.cinema_id) == (screening.id, CINEMA_ID)


async def test_each_version_of_a_screening_is_told_once_in_order(
    catalog: Catalog, channel: grpc.aio.Channel
) -> None:
    first = await a_sold_screening(catalog)
    screening = (await reschedule(catalog, first, "21:00")).screening
    await catalog.import_feed(CINEMA_ID, a_feed(an_event()))
    await cancel(catalog, screening)
    other = (await create(catalog)).screening
    await start(catalog, other)
    await change(catalog, "TerminateScreening", other, reason="Broken.", attributable=True)

    events = await told(catalog, channel)

    versions = [
        (event.type, event.aggregate_version)
        for event in events
        if event.aggregate_id in {first.id, other.id}
    ]
    assert versions == [
        ("ScreeningPublished", 1),
        ("ScreeningChanged", 2),
        ("ScreeningCancelled", 3),
        ("ScreeningPublished", 1),
        ("ScreeningTerminated", 2),
    ]
    (stopped,) = payloads(events, pb.ScreeningTerminated)
    assert (stopped.screening_id, stopped.version, stopped.attributable) == (other.id, 2, True)


async def test_the_feed_and_dead_events_are_not_for_customers(
    catalog: Catalog, channel: grpc.aio.Channel
) -> None:
    manager = catalog.staff("cinema_manager")
    feed, dead = EventFeedServiceStub(channel), DeadEventServiceStub(channel)

    refused = [
        await refusal(feed.ListEvents(ListEventsRequest())),
        await refusal(feed.ListEvents(ListEventsRequest(), metadata=manager)),
        await refusal(dead.ListDeadEvents(ListDeadEventsRequest(), metadata=manager)),
        await refusal(dead.ListDeadEvents(ListDeadEventsRequest(), metadata=catalog.service())),
    ]
    listed = await dead.ListDeadEvents(ListDeadEventsRequest(), metadata=catalog.staff())

    assert [code for code, _ in refused] == [
        grpc.StatusCode.UNAUTHENTICATED,
        *[grpc.StatusCode.PERMISSION_DENIED] * 3,
    ]
    assert list(listed.dead_events) == []  # Catalog listens to nobody.
