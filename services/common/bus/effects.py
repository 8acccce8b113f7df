"""Lets events take effect: each by its handler, or many of a type by one that takes them together."""

from collections.abc import Container, Iterator, Sequence

from services.common.bus.events import Event, Subscription
from services.common.db.outbox import constant_trace
from services.common.db.transaction import Transaction


async def take_effect(tx: Transaction, subscription: Subscription, events: Sequence[Event]) -> None:
    """Hand events to the subscription's handlers, each aggregate's in their order."""
    for group in groups_of(events, subscription.together):
        first = group[0]
        tx.outbox.trace = constant_trace(first.trace)
        if together := subscription.together.get(first.type):
            await together(tx, group)
        else:
            await subscription.handlers[first.type](tx, first)


def groups_of(events: Sequence[Event], together: Container[str]) -> Iterator[Sequence[Event]]:
    """Group events of the types that are applied together; every other one is by itself.

    What waits for more of its type goes ahead when another event of its aggregate comes.
    """
    waiting: dict[str, list[Event]] = {}
    waiting_type_of: dict[str, str] = {}
    for event in events:
        if waiting_type_of.get(event.aggregate_id, event.type) != event.type:
            yield from waiting.values()
            waiting, waiting_type_of = {}, {}
        if event.type in together:
            waiting.setdefault(event.type, []).append(event)
            waiting_type_of[event.aggregate_id] = event.type
        else:
            yield [event]
    yield from waiting.values()
