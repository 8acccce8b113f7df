"""The load limit keeps count whatever happens to those who wait."""

import asyncio
from typing import Any

import pytest

from services.common.errors import OverloadedError
from services.common.rpc.load_limit import LoadLimit


def a_limit(**options: Any) -> Any:
    return LoadLimit(
        **{"max_in_flight_calls": 1, "max_queued_calls": 2, "max_queue_wait_ms": 5_000, **options}
    )


async def waiting(limit: Any, count: Any) -> Any:
    tasks = [asyncio.create_task(limit.enter()) for _ in range(count)]
    await asyncio.sleep(0)
    assert limit.queued == count
    return tasks


async def test_who_waits_is_served_in_order() -> None:
    limit = a_limit()
    await limit.enter()
    first, second = await waiting(limit, 2)

    limit.leave()
    await first

    assert not second.done()
    limit.leave()
    await second


async def test_a_full_queue_refuses() -> None:
    limit = a_limit()
    await limit.enter()
    tasks = await waiting(limit, 2)

    with pytest.raises(OverloadedError):
        await limit.enter()

    assert limit.refused == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_who_gives_up_leaves_no_gap() -> None:
    limit = a_limit()
    await limit.enter()
    first, second = await waiting(limit, 2)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    limit.leave()
    await second

    assert (limit.in_flight, limit.queued) == (1, 0)


async def test_a_place_that_comes_in_the_moment_of_giving_up_is_passed_on() -> None:
    limit = a_limit()
    await limit.enter()
    first, second = await waiting(limit, 2)
    limit.leave()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)

    await second

    assert limit.in_flight == 1


async def test_idle_is_reached_when_the_last_one_left() -> None:
    limit = a_limit()
    await limit.enter()
    idle = asyncio.create_task(limit.idle())
    await asyncio.sleep(0)

    assert not idle.done()
    limit.leave()
    await idle


class Clock:
    """Time that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_queue_that_does_not_shrink_serves_only_who_came_lately() -> None:
    clock = Clock()
    limit = a_limit(max_queued_calls=10, clock=clock)
    await limit.enter()
    old = await waiting(limit, 3)
    limit.leave()
    clock.now += 0.6
    late = [asyncio.create_task(limit.enter()) for _ in range(2)]
    await asyncio.sleep(0)

    limit.leave()
    results = await asyncio.gather(*old, return_exceptions=True)
    await late[0]

    assert [type(result) for result in results] == [type(None), OverloadedError, OverloadedError]
    assert (limit.in_flight, limit.queued, limit.refused) == (1, 1, 2)
    limit.leave()
    await late[1]


async def test_a_burst_that_drains_is_served_to_its_end() -> None:
    clock = Clock()
    limit = a_limit(max_queued_calls=10, clock=clock)
    await limit.enter()
    burst = await waiting(limit, 4)

    for _ in burst:
        clock.now += 0.6
        limit.leave()

    assert await asyncio.gather(*burst) == [None] * 4
    assert limit.refused == 0


async def test_who_has_precedence_is_served_before_all_others() -> None:
    limit = a_limit()
    await limit.enter()
    (waits,) = await waiting(limit, 1)
    ahead = asyncio.create_task(limit.enter(has_precedence=True))
    await asyncio.sleep(0)

    limit.leave()
    await ahead

    assert not waits.done()
    limit.leave()
    await waits


async def test_a_full_queue_refuses_the_last_without_precedence_instead_of_one_with_it() -> None:
    limit = a_limit()
    await limit.enter()
    first, last = await waiting(limit, 2)
    ahead = asyncio.create_task(limit.enter(has_precedence=True))

    with pytest.raises(OverloadedError):
        await last

    limit.leave()
    await ahead
    assert not first.done()
    limit.leave()
    await first


async def test_a_queue_full_of_those_with_precedence_refuses_even_them() -> None:
    limit = a_limit(max_queued_calls=1)
    await limit.enter()
    ahead = asyncio.create_task(limit.enter(has_precedence=True))
    await asyncio.sleep(0)

    with pytest.raises(OverloadedError):
        await limit.enter(has_precedence=True)

    limit.leave()
    await ahead
