"""Events of a type whose handler takes many of them at once."""

from collections.abc import Sequence

import pytest

from services.common.bus.apply import Applier
from services.common.bus.connection import BusConnection
from services.common.bus.dead_events import DeadEvents
from services.common.bus.events import Event, Subscription
from services.common.bus.relay import Relay
from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.operators import Operator
from tests.integration.common.parts import SOURCE, Sender, effects, note_effect
from tests.integration.common.test_bus_feed import NO_BUS


class Listening:
    """Notes effects, and how many events came at once. What is `wrong` cannot be applied."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.groups: list[list[str]] = []
        self.wrong = ""

    def subscription(self) -> Subscription:
        return Subscription(SOURCE, {"Told": note_effect}, together={"Paid": self.paid})

    def applier(self) -> Applier:
        return Applier(self.subscription(), self.database)

    async def paid(self, tx: Transaction, events: Sequence[Event]) -> None:
        self.groups.append([event.aggregate_id for event in events])
        for event in events:
            if event.aggregate_id == self.wrong:
                raise ValueError(self.wrong)
            await note_effect(tx, event)


@pytest.fixture
def listening(listener_db: Database) -> Listening:
    return Listening(listener_db)


@pytest.fixture
async def told(db: Database, sender: Sender) -> list[Event]:
    """Three things are told of, then paid; one is told of again."""
    for thing in ("a", "b", "c"):
        await sender.tell(thing)
        await sender.tell(thing, type_="Paid")
    await sender.tell("b")
    relay = Relay(SOURCE, db, BusConnection(NO_BUS, "relay"))
    await relay.number()
    return await relay.read(0, 10)


ALL = {"a:1": 1, "a:2": 1, "b:1": 1, "b:2": 1, "b:3": 1, "c:1": 1, "c:2": 1}


async def test_they_come_at_once_and_every_event_takes_effect_once(
    listening: Listening, told: list[Event]
) -> None:
    for _ in range(2):
        again = await listening.applier().apply(told)

    assert again == []
    assert await effects(listening.database) == ALL
    assert [sorted(group) for group in listening.groups] == [["a", "b"], ["c"]]


async def test_one_that_cannot_be_applied_holds_up_no_other(
    listening: Listening, told: list[Event]
) -> None:
    listening.wrong = "a"

    again = await listening.applier().apply(told)

    assert [(event.type, event.aggregate_id) for event in again] == [("Paid", "a")]
    assert await effects(listening.database) == {name: 1 for name in ALL if name != "a:2"}


async def test_a_dead_one_is_retried_by_itself(listening: Listening, told: list[Event]) -> None:
    listening.wrong = "a"
    applier = listening.applier()
    for _ in range(applier.attempts.max_attempts):
        again = await applier.apply(told)
    [dead] = await DeadEvents(listening.database, [listening.subscription()]).list(
        after=None, page_size=10
    )
    listening.wrong = ""

    operator = Operator("staff-1", ["operator"], "request-1")
    dead_events = DeadEvents(listening.database, [listening.subscription()])
    is_applied = await dead_events.retry(dead.event_id, operator)

    assert again == []
    assert is_applied
    assert await effects(listening.database) == ALL
