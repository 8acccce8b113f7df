"""Doing things once, and one after another."""

import asyncio

import pytest

from services.common.single_flight import KeyedLocks, SingleFlight


async def test_many_who_ask_at_once_share_one_answer() -> None:
    flight: SingleFlight[int] = SingleFlight()
    times = 0

    async def work() -> int:
        nonlocal times
        times += 1
        await asyncio.sleep(0)
        return times

    answers = await asyncio.gather(*(flight.run("key", work) for _ in range(10)))

    assert answers == [1] * 10
    assert await flight.run("key", work) == 2


async def test_a_failure_is_shared_and_then_forgotten() -> None:
    flight: SingleFlight[int] = SingleFlight()

    async def fail() -> int:
        raise ValueError("no")

    async def succeed() -> int:
        return 1

    failures = await asyncio.gather(
        *(flight.run("key", fail) for _ in range(3)), return_exceptions=True
    )

    assert [type(failure) for failure in failures] == [ValueError] * 3
    assert await flight.run("key", succeed) == 1


async def test_work_goes_on_when_who_began_it_goes_away() -> None:
    flight: SingleFlight[str] = SingleFlight()
    go_on = asyncio.Event()

    async def work() -> str:
        await go_on.wait()
        return "done"

    first = asyncio.create_task(flight.run("key", work))
    second = asyncio.create_task(flight.run("key", work))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    go_on.set()

    assert await second == "done"


async def test_one_key_is_held_by_one_at_a_time_and_others_do_not_wait() -> None:
    locks = KeyedLocks()
    inside: list[str] = []

    async def enter(key: str) -> None:
        async with locks.of(key):
            assert key not in inside
            inside.append(key)
            await asyncio.sleep(0)
            inside.remove(key)

    await asyncio.gather(*(enter(key) for key in "aabba"))

    assert not locks._locks


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    locks = KeyedLocks()

    async def wait() -> None:
        async with locks.of("key"):
            pytest.fail("the lock is held")

    async with locks.of("key"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    assert not locks._locks
