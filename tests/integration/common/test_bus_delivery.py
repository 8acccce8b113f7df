import asyncio

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from services.common.bus.events import headers_of, stream_name
from services.common.bus.failures import NeverApplicableError
from services.common.bus.relay import UNNUMBERED, Relay, RelayLimits
from services.common.bus.wake import RelayWaker
from services.common.db.chassis_checks import chassis_checks, check_delivery
from services.common.db.checks import run_checks
from services.common.db.database import Database
from services.common.errors import DependencyUnavailableError
from services.common.lookout import Lookout
from tests.integration.common.parts import (
    LISTENER,
    SOURCE,
    Sender,
    applier,
    background,
    consumer,
    effects,
    note_effect,
    reconciler,
    until,
)

NEVER_BY_ITSELF = RelayLimits(poll_interval_ms=3_600_000)


@pytest.fixture
def relay(db, bus):
    """A relay that looks for itself often, as these senders wake nobody."""
    return Relay(SOURCE, db, bus, limits=RelayLimits(poll_interval_ms=100))


@pytest.fixture
async def nats_admin(nats_url):
    client = await nats.connect(nats_url("admin"))
    yield client.jetstream()
    await client.close()


async def consumed(listener_db, count: int) -> bool:
    return await listener_db.fetchval("SELECT count(*) FROM inbox") == count


async def assert_sound(db, listener_db) -> None:
    databases = {SOURCE: db, LISTENER: listener_db}
    checks = {name: chassis_checks() for name in databases}
    assert await run_checks(databases, checks, wait_s=5) == []
    assert await check_delivery((SOURCE, db), (LISTENER, listener_db), wait_s=5) == []


async def test_events_reach_the_listener_once_and_in_order(
    db, sender, relay, listener_db, listener_bus
):
    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        for number in range(150):
            await sender.tell(f"thing-{number % 7}")
        await until(lambda: consumed(listener_db, 150))

    assert set((await effects(listener_db)).values()) == {1}
    assert len(await effects(listener_db)) == 150
    await assert_sound(db, listener_db)


class Woken(asyncio.Event):
    """Remembers that it was set."""

    heard = False

    def set(self) -> None:
        self.heard = True
        super().set()


async def test_an_effect_follows_its_event_without_anybody_asking_for_it(
    db, bus, listener_db, listener_bus
):
    wake, woken = RelayWaker(bus, SOURCE), Woken()
    relay = Relay(SOURCE, db, bus, woken, NEVER_BY_ITSELF)
    waking = Sender(Database(db.engine, wake_relay=wake))

    async def heard() -> bool:
        wake()
        return woken.heard

    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        await until(heard)
        for _ in range(40):
            await waking.tell("thing-1")
        await until(lambda: consumed(listener_db, 40))

    assert len(await effects(listener_db)) == 40


async def test_an_event_that_no_wake_up_told_of_is_found_by_the_lookout(
    db, sender, bus, listener_db, listener_bus
):
    lookout = Lookout(db, interval_ms=50)
    relay = Relay(SOURCE, db, bus, lookout.event_for(UNNUMBERED), NEVER_BY_ITSELF)

    async with (
        background(relay.run),
        background(lookout.run),
        background(consumer(applier(listener_db), listener_bus).run),
    ):
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 1))
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 2))

    assert len(await effects(listener_db)) == 2


async def test_a_relay_that_forgot_what_it_published_does_no_harm(
    db, sender, relay, listener_db, listener_bus
):
    for _ in range(20):
        await sender.tell("thing-1")

    async with background(consumer(applier(listener_db), listener_bus).run):
        for _ in range(2):
            async with background(relay.run):
                await until(lambda: published(db, 20))
            await db.execute("UPDATE relay_state SET published_through = 0")
        await until(lambda: consumed(listener_db, 20))

    assert set((await effects(listener_db)).values()) == {1}


async def published(db, through: int) -> bool:
    return await db.fetchval("SELECT published_through FROM relay_state") == through


async def test_without_the_inbox_a_repeated_event_has_two_effects(
    db, sender, relay, listener_db, listener_bus
):
    await sender.tell("thing-1")
    listening = consumer(applier(listener_db), listener_bus)

    async with background(relay.run), background(listening.run):
        await until(lambda: consumed(listener_db, 1))
        await listener_db.execute("DELETE FROM inbox")
        client = await relay.bus.connected()
        await client.jetstream().publish(
            f"cinema.{SOURCE}.v1.Told.thing-1", b"x", headers=await first_headers(relay)
        )
        await until(lambda: consumed(listener_db, 1))

    assert await effects(listener_db) == {"thing-1:1": 2}


async def first_headers(relay) -> dict[str, str]:
    [event] = await relay.read(0, 1)
    return {**headers_of(event), "Nats-Msg-Id": "again"}


async def test_a_stream_that_is_deleted_loses_nothing(
    db, sender, relay, listener_db, listener_bus, nats_admin
):
    applying = applier(listener_db)
    listening, pulling = consumer(applying, listener_bus), reconciler(applying, db, listener_bus)

    async with background(relay.run), background(listening.run):
        for _ in range(10):
            await sender.tell("thing-1")
        await until(lambda: published(db, 10))
        await nats_admin.delete_stream(stream_name(SOURCE))
        for _ in range(10):
            await sender.tell("thing-2")
        await until(lambda: published(db, 20))
        async with background(pulling.run):
            await until(lambda: consumed(listener_db, 20))
        # And the bus works again by itself, without the feed's help.
        await sender.tell("thing-3")
        await until(lambda: consumed(listener_db, 21))

    assert set((await effects(listener_db)).values()) == {1}
    await assert_sound(db, listener_db)


async def acknowledged(nats_admin) -> bool:
    told = await nats_admin.consumer_info(stream_name(SOURCE), LISTENER)
    return told.num_ack_pending == 0 and told.num_pending == 0


async def test_all_of_a_batch_are_acknowledged(
    sender, relay, listener_db, listener_bus, nats_admin
):
    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        for number in range(250):
            await sender.tell(f"thing-{number % 7}")
        await until(lambda: consumed(listener_db, 250))
        await until(lambda: acknowledged(nats_admin))


async def test_a_consumer_of_an_older_kind_is_made_anew(
    sender, relay, listener_db, listener_bus, nats_admin
):
    async with background(relay.run):
        await until(lambda: _has_stream(nats_admin))
        older = ConsumerConfig(durable_name=LISTENER, ack_policy=AckPolicy.EXPLICIT)
        await nats_admin.add_consumer(stream_name(SOURCE), older)
        await sender.tell("thing-1")
        async with background(consumer(applier(listener_db), listener_bus).run):
            await until(lambda: consumed(listener_db, 1))

    told = await nats_admin.consumer_info(stream_name(SOURCE), LISTENER)
    assert told.config.ack_policy == AckPolicy.ALL


async def _has_stream(nats_admin) -> bool:
    try:
        await nats_admin.stream_info(stream_name(SOURCE))
    except NotFoundError:
        return False
    return True


async def test_a_consumer_that_is_deleted_comes_back(
    db, sender, relay, listener_db, listener_bus, nats_admin
):
    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 1))
        await nats_admin.delete_consumer(stream_name(SOURCE), LISTENER)
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 2))

    assert set((await effects(listener_db)).values()) == {1}


async def test_without_the_bus_everything_flows_by_the_feed(db, sender, relay, listener_db):
    class Down:
        is_up = False

    for number in range(250):
        await sender.tell(f"thing-{number % 3}")
    await relay.number()

    async with background(reconciler(applier(listener_db), db, Down()).run):
        await until(lambda: consumed(listener_db, 250))
        await until(lambda: reconciled(listener_db, 250))

    assert set((await effects(listener_db)).values()) == {1}


async def reconciled(listener_db, through: int) -> bool:
    return await listener_db.fetchval("SELECT reconciled_through FROM feed_position") == through


async def test_a_poison_message_dies_and_the_others_flow(
    db, sender, relay, listener_db, listener_bus
):
    async def handle(tx, event) -> None:
        if event.payload == b"poison":
            raise NeverApplicableError
        await note_effect(tx, event)

    for payload in (b"x", b"poison", b"x"):
        await sender.tell("thing-1", payload=payload)
        await sender.tell("thing-2")

    listening = consumer(applier(listener_db, Told=handle), listener_bus)
    async with background(relay.run), background(listening.run):
        await until(lambda: consumed(listener_db, 6))

    dead = await listener_db.fetchrow("SELECT aggregate_id, aggregate_version FROM dead_event")
    assert tuple(dead) == ("thing-1", 2)
    assert sorted(await effects(listener_db)) == [
        "thing-1:1", "thing-1:3", "thing-2:1", "thing-2:2", "thing-2:3",
    ]  # fmt: skip


async def test_a_handler_with_a_bug_is_tried_a_few_times_and_then_dies(
    db, sender, relay, listener_db, listener_bus
):
    async def handle(tx, event) -> None:
        if event.aggregate_version == 1:
            raise KeyError

    await sender.tell("thing-1")
    await sender.tell("thing-1")
    applying = applier(listener_db, Told=handle)

    async with background(relay.run), background(consumer(applying, listener_bus).run):
        await until(lambda: consumed(listener_db, 2))

    assert await listener_db.fetchval("SELECT attempts FROM dead_event") == 5
    assert await listener_db.fetchval("SELECT count(*) FROM parked_event") == 0


async def test_trouble_of_the_surroundings_never_kills_an_event(
    db, sender, relay, listener_db, listener_bus
):
    calls = 0

    async def handle(tx, event) -> None:
        nonlocal calls
        calls += 1
        if calls <= 7:
            raise DependencyUnavailableError("something")
        await note_effect(tx, event)

    await sender.tell("thing-1")
    applying = applier(listener_db, Told=handle)

    async with (
        background(relay.run),
        background(reconciler(applying, db, listener_bus).run),
        background(consumer(applying, listener_bus).run),
    ):
        await until(lambda: consumed(listener_db, 1), within_s=30)

    assert await effects(listener_db) == {"thing-1:1": 1}
    assert await listener_db.fetchval("SELECT count(*) FROM dead_event") == 0


async def test_an_unreadable_message_dies_once_however_often_it_comes(
    sender, relay, listener_db, listener_bus, nats_admin, db
):
    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 1))
        for _ in range(3):
            await nats_admin.publish(f"cinema.{SOURCE}.v1.Told.x", b"junk")
        await sender.tell("thing-1")
        await until(lambda: consumed(listener_db, 2))

    assert await listener_db.fetchval("SELECT count(*) FROM dead_event") == 1


async def test_unknown_types_are_skipped_and_later_events_are_not_held_up(
    db, sender, relay, listener_db, listener_bus
):
    await sender.tell("thing-1", type_="Newer")
    await sender.tell("thing-1")

    async with background(relay.run), background(consumer(applier(listener_db), listener_bus).run):
        await until(lambda: consumed(listener_db, 2))

    assert await effects(listener_db) == {"thing-1:2": 1}


async def test_early_versions_are_parked_until_their_predecessors_come(
    db, sender, relay, listener_db
):
    for _ in range(4):
        await sender.tell("thing-1")
    await relay.number()
    first, second, third, fourth = await relay.read(0, 10)
    applying = applier(listener_db)

    await applying.apply([fourth, second])
    parked = await listener_db.fetchval("SELECT count(*) FROM parked_event")
    await applying.apply([first])
    after_first = await effects(listener_db)
    await applying.apply([third, third])

    assert parked == 2
    assert after_first == {"thing-1:1": 1, "thing-1:2": 1}
    assert await effects(listener_db) == {f"thing-1:{version}": 1 for version in range(1, 5)}
    assert await listener_db.fetchval("SELECT count(*) FROM parked_event") == 0


async def test_processes_that_apply_the_same_events_at_once_have_one_effect(
    db, sender, relay, listener_db
):
    for number in range(60):
        await sender.tell(f"thing-{number % 3}")
    await relay.number()
    events = await relay.read(0, 100)

    batches = [events[:40], events[20:], events, events[::-1]]
    await asyncio.gather(*(applier(listener_db).apply(batch) for batch in batches))
    await applier(listener_db).release()

    assert len(await effects(listener_db)) == 60
    assert set((await effects(listener_db)).values()) == {1}


async def test_a_listener_that_comes_late_begins_where_the_feed_begins(
    db, sender, relay, listener_db
):
    class Down:
        is_up = False

    for _ in range(6):
        await sender.tell("thing-1")
    await relay.number()
    await db.execute("DELETE FROM outbox WHERE feed_number <= 3")

    async with background(reconciler(applier(listener_db), db, Down()).run):
        await until(lambda: consumed(listener_db, 3))

    assert sorted(await effects(listener_db)) == ["thing-1:4", "thing-1:5", "thing-1:6"]


async def test_a_feed_that_went_backwards_is_read_again(db, sender, relay, listener_db):
    class Down:
        is_up = False

    for _ in range(3):
        await sender.tell("thing-1")
    await relay.number()
    pulling = reconciler(applier(listener_db), db, Down())
    async with background(pulling.run):
        await until(lambda: consumed(listener_db, 3))
        # The source falls back to a copy that had lost its last two transactions.
        await db.execute("DELETE FROM outbox WHERE feed_number > 1")
        await db.execute("UPDATE relay_state SET last_feed_number = 1")
        await Sender(db).tell("thing-2")
        await relay.number()
        await until(lambda: consumed(listener_db, 4))

    assert set((await effects(listener_db)).values()) == {1}


async def test_a_batch_that_conflicts_with_a_caller_is_applied_one_by_one_at_once(
    db, sender, relay, listener_db
):
    conflicts = 0

    async def handle(tx, event) -> None:
        nonlocal conflicts
        if conflicts < 2:
            conflicts += 1
            await tx.driver.execute("DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$")
        await note_effect(tx, event)

    for number in range(4):
        await sender.tell(f"thing-{number}")
    await relay.number()

    again = await applier(listener_db, Told=handle).apply(await relay.read(0, 10))

    assert (again, conflicts) == ([], 2)
    assert list((await effects(listener_db)).values()) == [1, 1, 1, 1]
