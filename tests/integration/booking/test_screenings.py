"""Booking's own copy of what catalog knows: filled when asked for, told of changes, never old."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cinema.catalog.v1 import events_pb2
from cinema.catalog.v1.screening_pb2 import Screening
from google.protobuf.message import Message

from services.booking.adapters.facts_marks import DueChanges, FactsMarkStore, StopTransactions
from services.booking.adapters.heartbeat import CatchUpWatch
from services.booking.adapters.screening_changes import ScreeningChangeNotes
from services.booking.domain.errors import (
    NotSoldOnlineError,
    SalesPausedError,
    ScreeningNotFoundError,
)
from services.booking.domain.hold import HoldState
from services.booking.handlers.catalog_consumer import CatalogConsumer
from services.booking.use_cases.stop_sales import StopSales
from services.common.bus.apply import Applier
from services.common.bus.events import Event
from services.common.bus.reconciler import FeedPage
from services.common.errors import DependencyUnavailableError
from services.common.ids import new_id
from tests.integration.booking.conftest import Process
from tests.kit.booking_seats import (
    CINEMA_ID,
    POLICY_CODE,
    FakeCatalog,
    a_key,
    a_seat_plan,
    a_wish,
    not_sold,
    sales_facts,
)


def an_event(message: Message, aggregate_id: object, version: int = 1) -> Event:
    return Event(
        source="catalog",
        id=new_id(),
        type=type(message).__name__,
        aggregate_id=str(aggregate_id),
        aggregate_version=version,
        feed_number=version,
        occur_time=datetime.now(UTC),
        correlation_id="",
        traceparent="",
        payload=message.SerializeToString(),
    )


async def tell(process: Process, message: Message, aggregate_id: object, version: int = 1) -> None:
    """Let booking consume an event of catalog."""
    applier = Applier(
        CatalogConsumer(FactsMarkStore, ScreeningChangeNotes).subscription(), process.database
    )
    again = await applier.apply([an_event(message, aggregate_id, version)])
    assert not again
    assert not await process.database.fetchval("SELECT count(*) FROM dead_event")


async def age_facts(process: Process, seconds: float) -> None:
    """Make copies and heartbeat older, as a process sees that has just started."""
    await process.database.execute(
        "UPDATE screening_copy SET fetched_at = fetched_at - make_interval(secs => $1)", seconds
    )
    await process.database.execute(
        "UPDATE facts_heartbeat SET caught_up_at = caught_up_at - make_interval(secs => $1)",
        seconds,
    )


async def test_many_who_ask_at_once_make_one_call(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    facts = await asyncio.gather(*(process.screenings.facts(screening_id) for _ in range(20)))

    assert catalog.times_asked == 1
    assert {each.film_title for each in facts} == {"Alpha"}


async def test_a_second_process_reads_the_copy_and_asks_nobody(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    first, second = new_process(), new_process()
    told = await first.screenings.facts(screening_id)

    read = await second.screenings.facts(screening_id)

    assert catalog.times_asked == 1
    assert read.prices.quotes == told.prices.quotes
    assert replace(read, prices=told.prices) == told


async def test_an_unknown_screening_is_asked_for_once_in_a_while(
    process: Process, catalog: FakeCatalog
) -> None:
    unknown = uuid4()

    for _ in range(3):
        with pytest.raises(ScreeningNotFoundError):
            await process.screenings.facts(unknown)

    assert catalog.times_asked == 1


async def test_a_change_is_seen_by_the_very_next_hold(
    process: Process, catalog: FakeCatalog
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    catalog.publish(sales_facts(screening_id, plan=plan, version=2, price_minor_units=4_000))

    await tell(process, events_pb2.ScreeningChanged(screening_id=str(screening_id)), screening_id)
    hold = await process.hold_seats(a_wish(screening_id, ["A2"]), a_key())

    assert hold.terms.screening_version == 2
    assert hold.seats[0].price.minor_units == 4_000


async def test_a_held_seat_keeps_its_price(process: Process, catalog: FakeCatalog) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    held = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    catalog.publish(sales_facts(screening_id, plan=plan, version=2, price_minor_units=4_000))
    await tell(process, events_pb2.ScreeningChanged(screening_id=str(screening_id)), screening_id)
    await process.screenings.facts(screening_id)

    kept = await process.get_hold(screening_id, held.id, held.owner)

    assert kept.seats == held.seats


@pytest.mark.parametrize(
    ("state", "event_type"),
    [
        (Screening.STATE_TERMINATED, events_pb2.ScreeningTerminated),
        (Screening.STATE_CANCELLED, events_pb2.ScreeningCancelled),
    ],
)
async def test_a_screening_that_is_off_is_not_sold_any_more(
    process: Process, catalog: FakeCatalog, state: Any, event_type: Any
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    over = not_sold(sales_facts(screening_id, plan=plan, version=2), "OVER")
    over.screening.state = state
    catalog.publish(over)

    event = event_type(screening_id=str(screening_id), attributable=True)
    await tell(process, event, screening_id)

    async with process.transactions() as tx:
        lock = await tx.board.lock(screening_id)
    assert not lock.on_sale
    with pytest.raises(NotSoldOnlineError):
        await process.hold_seats(a_wish(screening_id, ["A2"]), a_key())


async def test_catalog_stops_a_sale_by_a_call_before_the_event_comes(
    process: Process, catalog: FakeCatalog
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    over = not_sold(sales_facts(screening_id, plan=plan, version=2), "OVER")
    over.screening.state = over.screening.STATE_CANCELLED
    catalog.publish(over)
    stop_sales = StopSales(StopTransactions(process.database))

    await stop_sales(screening_id)
    await stop_sales(screening_id)

    with pytest.raises(NotSoldOnlineError):
        await process.hold_seats(a_wish(screening_id, ["A2"]), a_key())


async def test_while_catalog_is_silent_a_marked_copy_sells_nothing(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    await tell(process, events_pb2.ScreeningChanged(screening_id=str(screening_id)), screening_id)
    catalog.is_down = True

    with pytest.raises(SalesPausedError):
        await process.hold_seats(a_wish(screening_id, ["A2"]), a_key())
    seat_map = await process.get_seat_map(screening_id, epoch=0, min_revision=0)

    assert seat_map.states[0] == 2


@pytest.mark.parametrize("scope", ["cinema", "policy"])
async def test_prices_and_terms_of_later_come_into_force_then(
    process: Process, catalog: FakeCatalog, scope: str
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    before = await process.screenings.facts(screening_id)
    event: events_pb2.PricesPublished | events_pb2.TermsPublished
    if scope == "cinema":
        event = events_pb2.PricesPublished(cinema_id=CINEMA_ID)
    else:
        event = events_pb2.TermsPublished(policy_code=POLICY_CODE)
    event.effective_time.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
    await tell(process, event, CINEMA_ID if scope == "cinema" else POLICY_CODE)
    due_changes = DueChanges(process.database)

    due_at_once = await due_changes()
    await process.move_clock(3_600)
    due_later = await due_changes()
    catalog.publish(sales_facts(screening_id, plan=plan, price_minor_units=4_000))
    after = await process.screenings.sale(screening_id, max_age_ms=0)

    assert (due_at_once, due_later) == (0, 1)
    assert before.prices.quote("ADULT", "STANDARD").price.minor_units == 3_000
    assert after.facts.prices.quote("ADULT", "STANDARD").price.minor_units == 4_000


async def test_an_answer_that_was_overtaken_by_an_event_is_asked_for_again(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    before = await process.copies.before(screening_id)
    old = await catalog.sales_facts(screening_id, include_seat_plan=True)
    await tell(process, events_pb2.ScreeningChanged(screening_id=str(screening_id)), screening_id)

    stored = await process.copies.store(old, before)

    assert not stored
    assert await process.copies.load(screening_id) is None


async def test_facts_older_than_thirty_seconds_sell_nothing_while_catalog_is_silent(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    await new_process().screenings.facts(screening_id)
    catalog.is_down = True
    process = new_process()
    await age_facts(process, 31)

    with pytest.raises(SalesPausedError):
        await process.hold_seats(a_wish(screening_id), a_key())


async def test_a_young_heartbeat_makes_old_copies_good_to_sell_by(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    process = new_process()
    await process.screenings.facts(screening_id)
    catalog.is_down = True
    await age_facts(process, 3_600)

    async def nothing_new(source: str, after: int, size: int) -> FeedPage:
        del source, size
        return FeedPage([], 1, after)

    await CatchUpWatch(nothing_new, process.database)("catalog", 7, 200)
    hold = await new_process().hold_seats(a_wish(screening_id), a_key())

    assert hold.screening_id == screening_id


async def test_old_copies_are_asked_for_again_when_the_heartbeat_is_lost(
    new_process: Callable[..., Process], catalog: FakeCatalog, screening_id: UUID
) -> None:
    await new_process().screenings.facts(screening_id)
    process = new_process()
    await age_facts(process, 31)

    hold = await process.hold_seats(a_wish(screening_id), a_key())

    assert hold.screening_id == screening_id
    assert catalog.times_asked == 2


async def test_a_heartbeat_counts_only_what_is_applied(process: Process) -> None:
    event = an_event(events_pb2.ScreeningPublished(screening_id=str(uuid4())), uuid4(), version=1)
    pages = [FeedPage([event], 1, 1), FeedPage([], 1, 1)]

    async def list_events(source: str, after: int, size: int) -> FeedPage:
        del source, after, size
        return pages.pop(0)

    watch = CatchUpWatch(list_events, process.database)
    await watch("catalog", 0, 200)
    before = await process.database.fetchval("SELECT count(*) FROM facts_heartbeat")
    await watch("catalog", 1, 200)
    after = await process.database.fetchval("SELECT count(*) FROM facts_heartbeat")

    assert (before, after) == (0, 1)


async def test_fresh_facts_are_asked_for_whatever_the_copy_says(
    process: Process, catalog: FakeCatalog
) -> None:
    plan, screening_id = a_seat_plan(), uuid4()
    catalog.publish(sales_facts(screening_id, plan=plan))
    await process.screenings.facts(screening_id)
    catalog.publish(sales_facts(screening_id, plan=plan, version=2))

    fresh = await process.screenings.fresh_facts(screening_id)

    assert fresh.version == 2
    catalog.is_down = True
    with pytest.raises(DependencyUnavailableError):
        await process.screenings.fresh_facts(screening_id)


async def test_another_plan_takes_seats_away_that_nobody_has_ordered(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    hold = await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())
    catalog.publish(sales_facts(screening_id, plan=a_seat_plan(rows=2), version=2))

    await process.screenings.fresh_facts(screening_id)

    given_up = await process.get_hold(screening_id, hold.id, hold.owner)
    assert given_up.state is HoldState.RELEASED
    assert len(await process.states(screening_id)) == 20
    await process.hold_seats(a_wish(screening_id, ["A1"]), a_key())


async def test_another_plan_before_any_claim_takes_over(
    process: Process, catalog: FakeCatalog, screening_id: UUID
) -> None:
    before = await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    catalog.publish(sales_facts(screening_id, plan=a_seat_plan(rows=2), version=2))

    await process.screenings.fresh_facts(screening_id)

    after = await process.get_seat_map(screening_id, epoch=0, min_revision=0)
    assert (len(before.states), len(after.states)) == (50, 20)
    assert after.revision == before.revision + 1
