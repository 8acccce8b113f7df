"""However events are cut into batches, each takes effect once and in its aggregate's order."""

import asyncio
import random
from collections.abc import Sequence
from uuid import UUID

import pytest

from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection
from services.common.bus.events import Event, Subscription
from services.common.bus.inbox import Inbox
from services.common.bus.relay import Relay
from services.common.db.database import Database
from services.common.db.transaction import Transaction
from tests.integration.common.parts import SOURCE, Sender, applier, effects, until
from tests.integration.common.test_bus_feed import NO_BUS

THINGS = ("a", "b", "c", "d")
VERSIONS = 5


@pytest.fixture
async def events(db: Database, sender: Sender) -> list[Event]:
    """Four things are told of, five times each."""
    for _ in range(VERSIONS):
        for thing in THINGS:
            await sender.tell(thing)
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    await relay.number()
    return await relay.read(0, 100)


async def consumed_by(
    database: Database, events: Sequence[Event]
) -> tuple[set[UUID] | None, dict[str, int]]:
    """What one statement noted of some events, and what it knew before."""
    async with database.transaction() as tx:
        known = await Inbox(tx, SOURCE).consume_next(events, ["APPLIED"] * len(events))
        await tx.commit()
    return known.consumed, known.versions


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_any_cut_and_any_repetition_come_to_the_same(
    events: list[Event], listener_db: Database, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    arrivals = chance.sample(events, len(events)) + chance.sample(events, len(events))
    applied: list[Event] = []

    async def note(tx: Transaction, event: Event) -> None:
        del tx
        applied.append(event)

    applying = Applier(Subscription(SOURCE, {"Told": note}), listener_db)
    while arrivals:
        size = chance.randint(1, 6)
        batch, arrivals = arrivals[:size], arrivals[size:]
        assert await applying.apply(batch) == []

    for thing in THINGS:
        of_it = [event.aggregate_version for event in applied if event.aggregate_id == thing]
        assert of_it == list(range(1, VERSIONS + 1))
    assert await listener_db.fetchval("SELECT count(*) FROM inbox") == len(events)


async def test_events_that_are_next_are_noted_at_once(
    events: list[Event], listener_db: Database
) -> None:
    await applier(listener_db).apply(events[:4])

    consumed, versions = await consumed_by(listener_db, events[4:8])

    assert consumed == {event.id for event in events[4:8]}
    assert versions == dict.fromkeys(THINGS, 1)


@pytest.mark.parametrize(
    ("before", "incoming"),
    [([0], [0, 1]), ([1], [0, 6]), ([1, 8], [0])],
    ids=["a known one", "one that is early", "one whose successor waits"],
)
async def test_nothing_is_noted_when_one_of_them_is_not_next(
    events: list[Event], listener_db: Database, before: list[int], incoming: list[int]
) -> None:
    await applier(listener_db).apply([events[number] for number in before])

    consumed, _ = await consumed_by(listener_db, [events[number] for number in incoming])

    assert consumed is None
    assert await listener_db.fetchval("SELECT count(*) FROM inbox") == len(
        await effects(listener_db)
    )


@pytest.mark.parametrize("numbers", [[0, 8], [0, 0, 8], [0, 8, 0]], ids=str)
async def test_what_a_batch_leaves_out_takes_effect_when_it_comes(
    events: list[Event], listener_db: Database, numbers: list[int]
) -> None:
    applying = applier(listener_db)
    await applying.apply([events[1]])  # The source is known.

    await applying.apply([events[number] for number in numbers])
    await applying.apply([events[4]])

    assert await effects(listener_db) == {"a:1": 1, "a:2": 1, "a:3": 1, "b:1": 1}


async def test_who_finds_another_consumer_at_work_waits_for_what_it_has_done(
    events: list[Event], listener_db: Database
) -> None:
    async with listener_db.transaction() as tx:
        other = Inbox(tx, SOURCE)
        await other.lock()
        await other.consume(events[:1], ["APPLIED"])
        waiting = asyncio.create_task(consumed_by(listener_db, events[:1]))
        await until(lambda: is_waiting(listener_db))
        await tx.commit()

    assert await waiting == (None, {"a": 1})


async def is_waiting(database: Database) -> bool:
    waiting: bool = await database.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database())"
    )
    return waiting
