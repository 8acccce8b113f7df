import asyncio
import random

from cinema.type.v1 import event_feed_service_pb2 as pb

from services.common.bus.connection import BusConnection
from services.common.bus.feed import Feed
from services.common.bus.relay import Relay
from services.common.db.chassis_checks import chassis_checks
from services.common.db.checks import run_checks
from services.common.db.outbox import OutboxEvent
from services.common.db.retention import RetentionTerms, chassis_rules, delete_expired
from tests.integration.common.parts import SOURCE, background, until

# An address where nothing answers: port 9 is "discard", served by nobody.
NO_BUS = "nats://127.0.0.1:9"


async def numbers(db) -> list[int]:
    rows = await db.fetch("SELECT feed_number FROM outbox ORDER BY feed_number")
    return [row["feed_number"] for row in rows]


async def read_feed(db, page_size: int) -> list[pb.FeedEvent]:
    feed, after = Feed(SOURCE, db), 0
    events: list[pb.FeedEvent] = []
    while True:
        page = await feed.list_events(
            pb.ListEventsRequest(after_feed_number=after, page_size=page_size)
        )
        if not page.events:
            return events
        events.extend(page.events)
        after = events[-1].feed_number


async def test_the_feed_has_no_gaps_under_writers_that_roll_back_and_two_relays(db):
    chance = random.Random(7)  # noqa: S311 - repeatable
    relays = [Relay(SOURCE, db, BusConnection(NO_BUS, "relay")) for _ in range(2)]
    written = 0

    async def write(aggregate: str) -> None:
        nonlocal written
        version = 1
        for _ in range(25):
            async with db.transaction() as tx:
                await tx.outbox.add(OutboxEvent("Told", aggregate, version, b"x"))
                await asyncio.sleep(chance.random() * 0.003)
                if chance.random() < 0.7:
                    await tx.commit()
                    version += 1
                    written += 1

    async with background(relays[0].run), background(relays[1].run):
        await asyncio.gather(*(write(f"thing-{number}") for number in range(6)))
        await until(lambda: all_numbered(db))

    assert await numbers(db) == list(range(1, written + 1))
    assert await run_checks({"db": db}, {"db": chassis_checks()}) == []


async def all_numbered(db) -> bool:
    return await db.fetchval("SELECT count(*) FROM outbox WHERE feed_number IS NULL") == 0


async def test_events_can_be_listed_while_the_bus_is_down(db, sender):
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    bus = relay.bus

    async with background(bus.run), background(relay.run):
        for number in range(5):
            await sender.tell("thing-1", payload=bytes([number]))
        await until(lambda: all_numbered(db))
    events = await read_feed(db, page_size=2)

    assert [event.feed_number for event in events] == [1, 2, 3, 4, 5]
    assert [event.aggregate_version for event in events] == [1, 2, 3, 4, 5]
    assert [event.payload for event in events] == [bytes([number]) for number in range(5)]


async def test_an_answer_is_never_too_large_to_send(db, sender):
    for _ in range(12):
        await sender.tell("thing-1", payload=b"x" * 262_144)
    await Relay(SOURCE, db, BusConnection(NO_BUS, "relay")).number()

    page = await Feed(SOURCE, db).list_events(pb.ListEventsRequest(page_size=1000))
    events = await read_feed(db, page_size=1000)

    assert page.ByteSize() < 3 * 1024 * 1024
    assert [event.feed_number for event in events] == list(range(1, 13))


async def test_retention_keeps_what_is_not_published_and_the_end_of_the_feed(db, sender):
    for _ in range(10):
        await sender.tell("thing-1")
    await Relay(SOURCE, db, BusConnection(NO_BUS, "relay")).number()
    await db.execute("UPDATE relay_state SET published_through = 4")
    at_once = chassis_rules(RetentionTerms(0, 0, 0, 0, 0), mail=True)

    first = await delete_expired(db, at_once, max_rows_per_delete=3)
    await db.execute("UPDATE relay_state SET published_through = 10")
    second = await delete_expired(db, at_once, max_rows_per_delete=3)
    page = await Feed(SOURCE, db).list_events(pb.ListEventsRequest())

    assert (first["outbox"], second["outbox"]) == (4, 5)
    assert (page.first_feed_number, page.last_feed_number) == (10, 10)
    assert await run_checks({"db": db}, {"db": chassis_checks()}) == []


async def test_retention_deletes_in_small_batches_what_is_old(db):
    await db.execute(
        "INSERT INTO request (principal, method, request_id, fingerprint, answer, claim_time)"
        " SELECT 'p', 'm', gen_random_uuid(), '', '',"
        " clock_timestamp() - make_interval(hours => n) FROM generate_series(1, 100) n"
    )

    deleted = await delete_expired(db, chassis_rules(RetentionTerms()), max_rows_per_delete=7)

    assert deleted["request"] == 53
    assert await db.fetchval("SELECT count(*) FROM request") == 47


async def test_a_gap_in_the_feed_is_found(db, sender):
    for _ in range(3):
        await sender.tell("thing-1")
    await Relay(SOURCE, db, BusConnection(NO_BUS, "relay")).number()

    await db.execute("DELETE FROM outbox WHERE feed_number = 2")
    found = await run_checks({"db": db}, {"db": chassis_checks()}, wait_s=0)

    assert {violation.invariant_id for violation in found} == {"I7", "I8"}
