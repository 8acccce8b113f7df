"""A batch of events goes to the bus for one acknowledgement, and is given again when in doubt."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError

from services.common.bus.events import Event
from services.common.bus.publisher import Published, Publisher

TOO_LARGE = 10054


def an_event(feed_number: int, payload: bytes = b"body") -> Event:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    event_id, thing = UUID(int=feed_number), f"thing-{feed_number}"
    return Event("booking", event_id, "Told", thing, 1, feed_number, now, "", "", payload)


@dataclass
class Bus:
    """Connection, client and JetStream in one; keeps what it was given and what it acknowledged."""

    max_payload: int = 100_000
    stats: dict[str, int] = field(default_factory=lambda: {"reconnects": 0})
    given: list[str] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    problem: NatsError | None = None
    meanwhile: Callable[[], None] = lambda: None

    async def connected(self) -> Any:
        return Plain(self)

    async def jetstream(self) -> Any:
        return self

    async def stream_info(self, name: str) -> None:
        del name

    async def update_stream(self, config: Any) -> None:
        del config

    async def publish(self, subject: str, payload: bytes, **options: Any) -> None:
        del payload, options
        self.meanwhile()
        if self.problem is not None:
            raise self.problem
        self.given.append(subject.rpartition("-")[2])
        self.acknowledged.append(subject.rpartition("-")[2])


@dataclass
class Plain:
    """The client, which publishes without being told what became of it."""

    bus: Bus

    @property
    def stats(self) -> dict[str, int]:
        return self.bus.stats

    @property
    def max_payload(self) -> int:
        return self.bus.max_payload

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> None:
        del payload, headers
        self.bus.given.append(subject.rpartition("-")[2])


async def publish(bus: Any, *events: Event, max_events_per_batch: int = 10) -> Published:
    """Publish the events of a feed, and tell how far it came."""
    published = Published(0)
    published.expect(events)
    await Publisher("booking", bus, max_events_per_batch).publish(published)
    return published


async def test_one_acknowledgement_is_for_all_of_a_batch_in_feed_order() -> None:
    bus = Bus()

    published = await publish(bus, *map(an_event, (1, 2, 3, 4, 5)), max_events_per_batch=3)

    assert bus.given == ["1", "2", "3", "4", "5"]
    assert bus.acknowledged == ["3", "5"]
    assert (published.through, published.pending) == (5, [])


async def test_a_batch_that_is_not_acknowledged_is_given_again() -> None:
    bus = Bus(problem=NatsTimeoutError())

    published = await publish(bus, an_event(1), an_event(2))

    assert (published.through, len(published.pending)) == (0, 2)


async def test_a_batch_that_went_over_two_connections_is_given_again() -> None:
    bus = Bus()

    def reconnect() -> None:
        bus.stats["reconnects"] += 1

    bus.meanwhile = reconnect
    published = await publish(bus, an_event(1), an_event(2))

    assert bus.acknowledged == ["2"]
    assert (published.through, len(published.pending)) == (0, 2)


async def test_what_the_bus_cannot_carry_is_left_to_the_feed_and_holds_up_nothing() -> None:
    bus = Bus(max_payload=10_000)

    published = await publish(bus, an_event(1), an_event(2, b"x" * 9_000), an_event(3))

    assert bus.given == ["1", "3"]
    assert published.through == 3


async def test_what_the_stream_refuses_for_its_size_is_left_to_the_feed_too() -> None:
    bus = Bus(problem=APIError(err_code=TOO_LARGE))

    published = await publish(bus, an_event(1))

    assert published.through == 1
