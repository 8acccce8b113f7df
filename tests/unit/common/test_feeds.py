"""Streams of what changes: nobody misses anything, and nothing is made twice."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

import pytest

from services.common import feeds
from services.common.feeds import Feed, Rhythm

PATIENCE_S = 20
HURRIED = Rhythm(interval_ms=5, look_ms=5, heartbeat_ms=60_000, max_age_ms=60_000)


@dataclass
class Counter:
    """A number that grows; a message is `from>to`, made each time it is asked for anew."""

    key: UUID
    value: int
    final_at: int = 1_000_000
    made: list[str] = field(default_factory=list)

    @property
    def mark(self) -> int:
        return self.value

    @property
    def is_final(self) -> bool:
        return self.value >= self.final_at

    def learn(self, other: Self) -> bool:
        newer, self.value = other.value > self.value, max(self.value, other.value)
        return newer

    def message_after(self, mark: Any) -> bytes:
        return f"{mark}>{self.value}".encode()

    def goodbye_at(self, mark: Any) -> bytes:
        return f"bye {mark}".encode()


@dataclass
class Numbers:
    """Where the truth is; counts the looks and may be away."""

    values: dict[UUID, int] = field(default_factory=dict)
    looks: list[int] = field(default_factory=list)
    is_down: bool = False
    looked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, topics: Sequence[Counter]) -> Collection[UUID]:
        async with self.looked:
            self.looks.append(len(topics))
            self.looked.notify_all()
        if self.is_down:
            raise ConnectionError
        moved = [topic for topic in topics if self.values[topic.key] != topic.value]
        for topic in moved:
            topic.value = self.values[topic.key]
        return {topic.key for topic in moved}

    async def looks_more(self, often: int) -> None:
        goal = len(self.looks) + often
        async with asyncio.timeout(PATIENCE_S), self.looked:
            await self.looked.wait_for(lambda: len(self.looks) >= goal)

    def new(self, value: int = 1, **fields: Any) -> Counter:
        topic = Counter(uuid4(), value, **fields)
        self.values[topic.key] = value
        return topic


@asynccontextmanager
async def a_feed(rhythm: Rhythm = HURRIED) -> AsyncIterator[tuple[Numbers, Feed[Counter]]]:
    numbers = Numbers()
    async with asyncio.timeout(PATIENCE_S), Feed(numbers, rhythm).running() as feed:
        yield numbers, feed


async def read(messages: Any) -> str:
    async with asyncio.timeout(PATIENCE_S):
        message: bytes = await anext(messages)
    return message.decode()


async def test_a_new_watcher_gets_everything_and_then_each_change() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as messages:
            told = [await read(messages)]
            for value in (5, 9):
                numbers.values[topic.key] = value
                told.append(await read(messages))

    assert told == ["None>4", "4>5", "5>9"]


async def test_who_was_slow_gets_what_happened_meanwhile_in_one_message() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as slow, aclosing(feed.watch(topic)) as quick:
            await read(slow)
            await read(quick)
            for value in (5, 6, 7):
                numbers.values[topic.key] = value
                await read(quick)

            assert await read(slow) == "4>7"


async def test_who_comes_again_goes_on_from_its_mark() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic, 2)) as messages:
            assert await read(messages) == "2>4"


async def test_all_watchers_of_a_thing_share_its_looks_and_those_of_others() -> None:
    async with a_feed() as (numbers, feed), AsyncExitStack() as stack:
        one, other = numbers.new(), numbers.new()
        watchers = [feed.watch(topic) for topic in (one, one, one, other)]
        for messages in watchers:
            await stack.enter_async_context(aclosing(messages))
            await read(messages)

        await numbers.looks_more(3)

        assert max(numbers.looks) == 2
        assert (feed.topics, feed.watchers) == (2, 4)


async def test_a_final_message_ends_the_stream() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4, final_at=6)
        told = [message async for message in _feeding(feed.watch(topic), numbers, topic.key, 6)]

    assert told == [b"None>4", b"4>6"]
    assert feed.topics == 0


async def test_the_end_is_told_to_who_was_slow_when_it_came() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4, final_at=6)
        slow = feed.watch(topic)
        told = [await read(slow)]
        numbers.values[topic.key] = 6
        await numbers.looks_more(2)

        told += [message.decode() async for message in slow]

    assert told == ["None>4", "4>6"]


async def test_what_the_feed_cannot_see_for_a_while_is_told_afterwards() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as messages:
            await read(messages)
            numbers.is_down = True
            numbers.values[topic.key] = 5
            await numbers.looks_more(3)
            numbers.is_down = False

            assert await read(messages) == "4>5"


async def test_silence_is_broken_by_heartbeats() -> None:
    rhythm = Rhythm(interval_ms=5, look_ms=5, heartbeat_ms=5, max_age_ms=60_000)
    async with a_feed(rhythm) as (numbers, feed), aclosing(feed.watch(numbers.new(4))) as messages:
        told = [await read(messages) for _ in range(3)]

    assert told == ["None>4", "4>4", "4>4"]


async def test_nothing_is_said_while_nothing_can_be_seen() -> None:
    rhythm = Rhythm(interval_ms=5, look_ms=5, heartbeat_ms=5, max_age_ms=60_000)
    async with a_feed(rhythm) as (numbers, feed), aclosing(feed.watch(numbers.new(4))) as messages:
        await read(messages)
        numbers.is_down = True
        await numbers.looks_more(1)
        next_message = asyncio.create_task(read(messages))
        await numbers.looks_more(3)

        assert not next_message.done()

        numbers.is_down = False
        assert await next_message == "4>4"


async def test_an_old_stream_says_goodbye_with_what_it_has_told() -> None:
    rhythm = Rhythm(interval_ms=5, look_ms=5, heartbeat_ms=5, max_age_ms=1)
    async with a_feed(rhythm) as (numbers, feed):
        told = [message async for message in feed.watch(numbers.new(4))]

    assert told == [b"None>4", b"bye 4"]


async def test_all_say_goodbye_when_the_server_stops() -> None:
    async with a_feed() as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as one, aclosing(feed.watch(topic)) as other:
            for messages in (one, other):
                await read(messages)

            feed.finish()

            assert [await read(one), await read(other)] == ["bye 4", "bye 4"]


async def test_a_hint_is_looked_at_without_waiting_for_the_next_look() -> None:
    rhythm = Rhythm(interval_ms=1, look_ms=3_600_000, heartbeat_ms=7_200_000, max_age_ms=7_200_000)
    async with a_feed(rhythm) as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as messages:
            await read(messages)
            numbers.values[topic.key] = 5

            feed.hint(topic.key)

            assert await read(messages) == "4>5"


async def test_what_a_newcomer_has_read_is_news_to_the_others() -> None:
    rhythm = Rhythm(interval_ms=1, look_ms=3_600_000, heartbeat_ms=7_200_000, max_age_ms=7_200_000)
    async with a_feed(rhythm) as (numbers, feed):
        topic = numbers.new(4)
        async with aclosing(feed.watch(topic)) as first:
            await read(first)
            numbers.values[topic.key] = 8

            async with aclosing(feed.watch(Counter(topic.key, 8))) as second:
                assert await read(second) == "None>8"
                assert await read(first) == "4>8"


async def test_many_get_their_turns_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "WATCHERS_PER_SLICE", 2)
    monkeypatch.setattr(feeds, "SLICE_PAUSE_S", 0)
    async with a_feed() as (numbers, feed), AsyncExitStack() as stack:
        topic = numbers.new(4)
        watchers = [feed.watch(topic) for _ in range(7)]
        for messages in watchers:
            await stack.enter_async_context(aclosing(messages))
            await read(messages)
        waiting = [asyncio.create_task(read(messages)) for messages in watchers]

        numbers.values[topic.key] = 5

        assert await asyncio.gather(*waiting) == ["4>5"] * 7


async def test_the_feed_forgets_what_nobody_watches_any_more() -> None:
    async with a_feed() as (numbers, feed):
        messages = feed.watch(numbers.new(4))
        await read(messages)
        waiting = asyncio.create_task(read(messages))
        await numbers.looks_more(1)

        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        assert (feed.topics, feed.watchers) == (0, 0)


async def _feeding(
    messages: AsyncIterator[bytes], numbers: Numbers, key: UUID, value: int
) -> AsyncIterator[bytes]:
    async for message in messages:
        yield message
        numbers.values[key] = value
