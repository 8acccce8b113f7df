"""How long calls wait at the door: seen now and then, and soon forgotten."""

import asyncio

from services.common.rpc.door import CALLS_PER_KNOCK, KNOWN_FOR_S, MIN_INTERVAL_S, Door


class House:
    """Answers a knock when a test says so, by a clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.knocks: list[asyncio.Event] = []
        self.given_up = 0
        self.door = Door(self.knock, clock=lambda: self.now_s)

    async def knock(self) -> None:
        answered = asyncio.Event()
        self.knocks.append(answered)
        try:
            await answered.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise

    async def come_in(self, calls: int) -> float:
        for _ in range(calls):
            wait_s = self.door.wait_s()
        await asyncio.sleep(0)
        return wait_s

    async def answer_after(self, seconds: float) -> None:
        self.now_s += seconds
        self.knocks[-1].set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_a_few_calls_are_not_worth_a_knock() -> None:
    house = House()

    wait_s = await house.come_in(CALLS_PER_KNOCK - 1)

    assert wait_s == 0.0
    assert house.knocks == []


async def test_a_crowd_that_came_at_once_is_not_a_queue_that_stands() -> None:
    house = House()
    await house.come_in(CALLS_PER_KNOCK)

    await house.answer_after(0.5)

    assert await house.come_in(1) == 0.0


async def test_the_wait_is_what_two_knocks_in_a_row_have_found() -> None:
    house = House()
    await house.come_in(CALLS_PER_KNOCK)
    await house.answer_after(0.5)
    await house.come_in(CALLS_PER_KNOCK)
    house.now_s += 0.2

    while_waiting_s = await house.come_in(1)
    await house.answer_after(0.2)
    afterwards_s = await house.come_in(1)

    assert round(while_waiting_s, 6) == 0.2
    assert round(afterwards_s, 6) == 0.4


async def test_what_was_seen_a_while_ago_keeps_nobody_out() -> None:
    house = House()
    for _ in range(2):
        await house.come_in(CALLS_PER_KNOCK)
        await house.answer_after(0.5)
    seen_s = await house.come_in(1)
    house.now_s += KNOWN_FOR_S

    forgotten_s = await house.come_in(CALLS_PER_KNOCK)
    house.now_s += 0.5

    assert round(seen_s, 6) == 0.5
    assert forgotten_s == 0.0
    assert await house.come_in(1) == 0.0


async def test_there_is_one_knock_at_a_time_and_not_too_soon_after_the_last() -> None:
    house = House()
    await house.come_in(3 * CALLS_PER_KNOCK)
    at_first = len(house.knocks)
    await house.answer_after(MIN_INTERVAL_S / 2)
    await house.come_in(2 * CALLS_PER_KNOCK)
    too_soon = len(house.knocks)
    house.now_s += MIN_INTERVAL_S
    await house.come_in(1)

    assert (at_first, too_soon, len(house.knocks)) == (1, 1, 2)


async def test_a_knock_that_nobody_answers_ends_with_the_server() -> None:
    house = House()
    await house.come_in(CALLS_PER_KNOCK)

    await house.door.stop()

    assert house.given_up == 1
