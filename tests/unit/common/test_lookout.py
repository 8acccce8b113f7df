"""One statement looks for all that may be due, and only those are woken who have something to do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.common.lookout import Lookout
from services.common.worker import Worker


@dataclass
class Looked:
    """A database in which so much is due; keeps what it was asked."""

    due: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def fetchrow(self, query: str) -> dict[str, bool]:
        self.asked.append(query)
        return {each: each in self.due for each in query.removeprefix("SELECT ").split(", ")}


def a_lookout(database: Any, interval_ms: int = 3_600_000) -> Lookout:
    return Lookout(database, interval_ms)


class Rounds:
    """Work that is done in rounds, and who waits for one."""

    def __init__(self) -> None:
        self.done = 0
        self._again = asyncio.Event()

    async def __call__(self) -> None:
        self.done += 1
        self._again.set()

    async def next(self) -> None:
        await asyncio.wait_for(self._again.wait(), 5)
        self._again.clear()


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    work = asyncio.create_task(worker.work(stopping))
    try:
        yield
    finally:
        stopping.set()
        await work


async def test_all_that_may_be_due_is_looked_for_in_one_statement() -> None:
    database = Looked({"holds"})
    lookout = a_lookout(database)
    holds, orders = lookout.event_for("holds"), lookout.event_for("orders")

    await lookout.look()

    assert (holds.is_set(), orders.is_set()) == (True, False)
    assert database.asked == ["SELECT holds, orders"]


async def test_what_two_wait_for_is_looked_for_once() -> None:
    database = Looked()
    lookout = a_lookout(database)

    assert lookout.event_for("holds") is lookout.event_for("holds")
    await lookout.look()

    assert database.asked == ["SELECT holds"]


async def test_work_is_begun_when_some_is_due_and_again_each_time() -> None:
    database, holds, orders = Looked({"holds"}), Rounds(), Rounds()
    lookout = a_lookout(database)
    worker = Worker(None, lookout)
    worker.add_due("sweep-holds", holds, due="holds", lease=False)
    worker.add_due("drive-orders", orders, due="orders", lease=False)

    async with working(worker):
        await holds.next()
        await lookout.look()
        await holds.next()
        database.due = {"orders"}
        await lookout.look()
        await orders.next()

    assert (holds.done, orders.done) == (2, 1)


async def test_a_look_that_fails_is_repeated() -> None:
    class Away(Looked):
        async def fetchrow(self, query: str) -> dict[str, bool]:
            if not self.asked:
                self.asked.append(query)
                raise OSError
            return await super().fetchrow(query)

    holds = Rounds()
    worker = Worker(None, a_lookout(Away({"holds"})))
    worker.add_due("sweep-holds", holds, due="holds", lease=False)

    async with working(worker):
        await holds.next()

    assert holds.done == 1


async def test_work_that_fails_is_begun_anew_at_the_next_look() -> None:
    rounds = Rounds()

    async def fails_once() -> None:
        await rounds()
        if rounds.done == 1:
            raise LookupError

    worker = Worker(None, a_lookout(Looked({"holds"}), interval_ms=10))
    worker.add_due("sweep-holds", fails_once, due="holds", lease=False)

    async with working(worker):
        await rounds.next()
        await rounds.next()

    assert rounds.done >= 2
