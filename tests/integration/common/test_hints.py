"""Hints between processes: heard when Redis is there, missed without harm when it is not."""

import asyncio
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

from services.common.hints import Hints

CHANNEL = "parterre:test:changes"
PATIENCE_S = 20


class Ear:
    """Remembers what it hears, and lets a test wait for it."""

    def __init__(self) -> None:
        self.heard: set[UUID] = set()
        self._more = asyncio.Condition()

    def __call__(self, key: UUID) -> None:
        self.heard.add(key)

    async def hears(self, key: UUID, *, from_: Hints) -> None:
        """Note the key again and again until it is heard: a hint may be lost."""
        async with asyncio.timeout(PATIENCE_S):
            while key not in self.heard:
                from_.note(key)
                await asyncio.sleep(0.02)


def always() -> bool:
    return True


def never() -> bool:
    return False


async def test_what_one_process_notes_another_hears(redis_url: str) -> None:
    here, there, ear, key = _hints(redis_url), _hints(redis_url), Ear(), uuid4()

    async with AsyncExitStack() as stack:
        stack.push_async_callback(here.close)
        stack.push_async_callback(there.close)
        await stack.enter_async_context(there.listening(ear, always))

        await ear.hears(key, from_=here)

    assert ear.heard == {key}


async def test_a_process_hears_itself_without_redis() -> None:
    hints, ear, keys = _hints("redis://127.0.0.1:1/0"), Ear(), {uuid4(), uuid4()}

    async with hints.listening(ear, always):
        for key in keys:
            hints.note(key)
        await hints.close()

    assert ear.heard == keys


async def test_what_is_noted_again_meanwhile_is_told_once() -> None:
    hints, told, key = _hints(""), list[UUID](), uuid4()

    async with hints.listening(told.append, always):
        for _ in range(3):
            hints.note(key)
        await hints.close()

    assert told == [key]


async def test_while_nobody_watches_nothing_is_told() -> None:
    hints, told = _hints(""), list[UUID]()

    async with hints.listening(told.append, never):
        hints.note(uuid4())
        await hints.close()

    assert told == []


def _hints(url: str) -> Hints:
    return Hints.from_url(url, CHANNEL)
