from uuid import uuid4

import pytest

from services.common.bus.connection import BusConnection
from services.common.bus.dead_events import DeadEventNotFoundError, DeadEvents
from services.common.bus.events import Subscription
from services.common.bus.failures import NeverApplicableError
from services.common.bus.relay import Relay
from services.common.operators import Operator
from tests.integration.common.parts import SOURCE, applier, effects, note_effect
from tests.integration.common.test_bus_feed import NO_BUS

OPERATOR = Operator("staff-1", ["operator"], "request-1")


async def refuse(tx, event) -> None:
    raise NeverApplicableError


@pytest.fixture
async def dead_ids(db, sender, listener_db):
    """Three dead events of one thing."""
    for _ in range(3):
        await sender.tell("thing-1")
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    await relay.number()
    events = await relay.read(0, 10)
    await applier(listener_db, Told=refuse).apply(events)
    return [event.id for event in events]


def dead_events(listener_db, handler=note_effect) -> DeadEvents:
    return DeadEvents(listener_db, [Subscription(SOURCE, {"Told": handler})])


async def test_dead_events_are_listed_by_page(dead_ids, listener_db):
    dead = dead_events(listener_db)

    first = await dead.list(after=None, page_size=2)
    second = await dead.list(after=(first[-1].dead_time, first[-1].event_id), page_size=2)

    assert [event.event_id for event in [*first, *second]] == dead_ids
    assert first[0].reason == "NeverApplicableError"


async def test_a_retried_event_takes_effect_once_and_is_audited(dead_ids, listener_db):
    dead = dead_events(listener_db)

    applied = [await dead.retry(dead_ids[0], OPERATOR) for _ in range(2)]

    assert applied == [True, True]
    assert await effects(listener_db) == {"thing-1:1": 1}
    assert len(await dead.list(after=None, page_size=10)) == 2
    row = await listener_db.fetchrow("SELECT actor, action, request_id FROM audit")
    assert tuple(row) == ("staff-1", "RetryDeadEvent", "request-1")


async def test_an_event_that_fails_again_stays(dead_ids, listener_db):
    dead = dead_events(listener_db, refuse)

    applied = await dead.retry(dead_ids[0], OPERATOR)

    assert not applied
    assert (await dead.list(after=None, page_size=1))[0].attempts == 2


async def test_a_discarded_event_is_gone_from_the_list_and_cannot_be_retried(dead_ids, listener_db):
    dead = dead_events(listener_db)

    await dead.discard(dead_ids[0], "no longer wanted", OPERATOR)
    applied = await dead.retry(dead_ids[0], OPERATOR)

    assert not applied
    assert await effects(listener_db) == {}
    assert len(await dead.list(after=None, page_size=10)) == 2


async def test_an_unknown_dead_event_is_not_found(listener_db):
    with pytest.raises(DeadEventNotFoundError):
        await dead_events(listener_db).retry(uuid4(), OPERATOR)
