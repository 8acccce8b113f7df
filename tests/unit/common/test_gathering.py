"""Doing many small things together, and each as if it were alone."""

import asyncio
from collections.abc import Sequence

import asyncpg

from services.common.db.together import Together
from services.common.errors import DependencyUnavailableError
from services.common.gathering import Gathering


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


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    desk = Desk()
    gathering = Gathering(desk.work)
    gone, stays = await ask_all(gathering, 1, 2)
    gone.cancel()
    desk.go_on.set()

    answers = await asyncio.gather(gone, stays, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1] == 4


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
