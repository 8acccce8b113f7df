"""Doing many small things together, and each as if it were alone."""

import asyncio
from collections.abc import Sequence

import asyncpg

from services.common.db.together import Together
from services.common.errors import DependencyUnavailableError
from services.common.gathering import Gathering, Pace


class Desk:
    """Doubles numbers, once it is told to go on, and remembers who came together."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.runs: list[list[int]] = []

    async def work(self, parts: Sequence[int]) -> Sequence[int | Exception]:
        self.runs.append(list(parts))
        await self.go_on.wait()
        return [ValueError(part) if part < 0 else 2 * part for part in parts]


async def ask_all(gathering: Gathering[int, int], *parts: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gathering.ask(part)) for part in parts]
    await asyncio.sleep(0)
    return tasks


async def test_what_comes_while_others_are_under_way_goes_together_afterwards() -> None:
    desk = Desk()
    gathering = Gathering(desk.work)
    first = await ask_all(gathering, 1)
    await asyncio.sleep(0)
    later = await ask_all(gathering, 2, 3, 4)
    desk.go_on.set()

    answers = await asyncio.gather(*first, *later)

    assert answers == [2, 4, 6, 8]
    assert desk.runs == [[1], [2, 3, 4]]
    assert not gathering.busy


async def test_who_asks_again_at_once_is_served_at_once() -> None:
    desk = Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work)

    answers = [await asyncio.wait_for(gathering.ask(part), timeout=5) for part in (1, 2, 3)]

    assert answers == [2, 4, 6]


async def test_no_more_go_together_than_the_limit_says() -> None:
    desk = Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work, max_parts=2)

    answers = await asyncio.gather(*(gathering.ask(part) for part in range(5)))

    assert answers == [0, 2, 4, 6, 8]
    assert desk.runs == [[0, 1], [2, 3], [4]]


async def test_an_error_is_told_to_the_one_whose_it_is() -> None:
    desk = Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work)

    answers = await asyncio.gather(
        *(gathering.ask(part) for part in (1, -1, 2)), return_exceptions=True
    )

    assert [answers[0], type(answers[1]), answers[2]] == [2, ValueError, 4]


async def test_work_that_fails_fails_for_everybody_and_the_next_one_is_served() -> None:
    async def fail_for_many(parts: Sequence[int]) -> Sequence[int | Exception]:
        if len(parts) > 1:
            raise ConnectionError
        return parts

    gathering = Gathering(fail_for_many)

    failures = await asyncio.gather(
        *(gathering.ask(part) for part in (1, 2)), return_exceptions=True
    )

    assert [type(failure) for failure in failures] == [ConnectionError] * 2
    assert await gathering.ask(3) == 3


async def test_too_few_results_are_an_error_for_everybody_and_nobody_waits_for_ever() -> None:
    async def forget_the_last(parts: Sequence[int]) -> Sequence[int | Exception]:
        return parts[:-1]

    gathering = Gathering(forget_the_last)

    answers = await asyncio.wait_for(
        asyncio.gather(*(gathering.ask(part) for part in (1, 2)), return_exceptions=True), timeout=5
    )

    assert [type(answer) for answer in answers] == [ValueError] * 2


async def test_a_slow_run_holds_up_the_others_only_where_no_more_may_be_under_way() -> None:
    desk = Desk()
    gathering = Gathering(desk.work, max_runs=2)
    tasks = [
        task for part in (1, 2, 3) for task in await asked_one_after_the_other(gathering, part)
    ]
    tasks += await asked_one_after_the_other(gathering, 4)

    under_way = list(desk.runs)
    desk.go_on.set()
    answers = await asyncio.gather(*tasks)

    assert under_way == [[1], [2]]
    assert desk.runs == [[1], [2], [3, 4]]
    assert answers == [2, 4, 6, 8]
    assert not gathering.busy


async def asked_one_after_the_other(
    gathering: Gathering[int, int], part: int
) -> list[asyncio.Task[int]]:
    tasks = await ask_all(gathering, part)
    await settle()
    return tasks


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    desk = Desk()
    gathering = Gathering(desk.work)
    gone, stays = await ask_all(gathering, 1, 2)
    gone.cancel()
    desk.go_on.set()

    answers = await asyncio.gather(gone, stays, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1] == 4


class HandClock:
    """A clock that goes on by hand; who sleeps wakes up when the time has come."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def read(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.now_s + seconds, woken))
        await woken.wait()

    async def go_on(self, milliseconds: float) -> None:
        self.now_s += milliseconds / 1_000
        for at_s, woken in self._sleepers:
            if at_s <= self.now_s + 1e-9:
                woken.set()
        await settle()


async def settle() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(10):
        await asyncio.sleep(0)


def paced(clock: HandClock, min_interval_ms: int = 20) -> Pace:
    return Pace(min_interval_ms, clock.read, clock.sleep)


async def test_at_a_pace_those_who_come_within_the_interval_go_together_at_its_end() -> None:
    clock, desk = HandClock(), Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work, pace=paced(clock))
    await gathering.ask(1)

    await clock.go_on(5)
    later = await ask_all(gathering, 2)
    await clock.go_on(10)
    later += await ask_all(gathering, 3)
    too_soon = list(desk.runs)
    await clock.go_on(5)

    assert too_soon == [[1]]
    assert desk.runs == [[1], [2, 3]]
    assert await asyncio.gather(*later) == [4, 6]


async def test_at_a_pace_who_comes_after_a_pause_waits_for_nothing() -> None:
    clock, desk = HandClock(), Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work, pace=paced(clock))
    await gathering.ask(1)

    await clock.go_on(20)
    await gathering.ask(2)

    assert desk.runs == [[1], [2]]


async def test_at_a_pace_a_full_load_waits_for_nothing() -> None:
    clock, desk = HandClock(), Desk()
    desk.go_on.set()
    gathering = Gathering(desk.work, max_parts=2, pace=paced(clock))
    await gathering.ask(1)

    answers = await asyncio.gather(*(gathering.ask(part) for part in (2, 3)))

    assert answers == [4, 6]
    assert desk.runs == [[1], [2, 3]]


class Table:
    """A statement: -1 breaks it, numbers in `locked` are left out unless it waits, 0 finds no row."""

    def __init__(self, *locked: int) -> None:
        self.locked = locked
        self.runs: list[tuple[list[int], bool]] = []

    async def run(self, parts: Sequence[int], *, waits: bool) -> Sequence[int | None]:
        self.runs.append((list(parts), waits))
        await asyncio.sleep(0)
        if -1 in parts:
            raise asyncpg.UniqueViolationError
        if -2 in parts:
            raise DependencyUnavailableError("database")
        return [
            None if part == 0 or (part in self.locked and not waits) else part for part in parts
        ]


async def run_all(table: Table, *parts: int) -> list[int | BaseException | None]:
    together = Together(table.run)
    return await asyncio.gather(*(together(part) for part in parts), return_exceptions=True)


async def test_who_comes_alone_is_served_alone_and_waits_for_locks() -> None:
    table = Table(1)

    answers = await run_all(table, 1)

    assert answers == [1]
    assert table.runs == [([1], True)]


async def test_those_who_come_while_one_is_served_share_a_statement() -> None:
    table = Table()

    answers = await run_all(table, 1, 2, 3, 4)

    assert answers == [1, 2, 3, 4]
    assert table.runs == [([1], True), ([2, 3, 4], False)]


async def test_a_part_whose_row_is_locked_waits_for_it_alone() -> None:
    table = Table(3)

    answers = await run_all(table, 1, 2, 3, 4)

    assert answers == [1, 2, 3, 4]
    assert table.runs[-1] == ([3], True)


async def test_a_part_that_breaks_the_statement_breaks_nobody_elses() -> None:
    table = Table()

    answers = await run_all(table, 1, 2, -1, 4, 0)

    assert [answers[0], answers[1], answers[3], answers[4]] == [1, 2, 4, None]
    assert isinstance(answers[2], asyncpg.UniqueViolationError)


async def test_when_the_outcome_is_unknown_nothing_is_repeated() -> None:
    table = Table()

    answers = await run_all(table, 1, 2, -2)

    assert [type(answer) for answer in answers[1:]] == [DependencyUnavailableError] * 2
    assert len(table.runs) == 2


async def test_at_a_pace_who_comes_alone_goes_at_once_and_those_who_follow_share() -> None:
    clock, table = HandClock(), Table()
    together = Together(table.run, pace=paced(clock))

    first = await together(1)
    later = [asyncio.create_task(together(part)) for part in (2, 3)]
    await settle()
    too_soon = list(table.runs)
    await clock.go_on(20)

    assert first == 1
    assert too_soon == [([1], True)]
    assert await asyncio.gather(*later) == [2, 3]
    assert table.runs[1:] == [([2, 3], False)]


async def test_at_a_pace_a_part_whose_row_is_locked_does_not_wait_for_its_turn_again() -> None:
    clock, table = HandClock(), Table(2)
    together = Together(table.run, pace=paced(clock))
    await together(1)

    later = [asyncio.create_task(together(part)) for part in (2, 3)]
    await settle()
    await clock.go_on(20)

    assert await asyncio.gather(*later) == [2, 3]
    assert table.runs[1:] == [([2, 3], False), ([2], True)]
