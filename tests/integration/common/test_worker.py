import asyncio

from services.common.db.leases import Leases
from services.common.worker import Worker
from tests.integration.common.parts import background, until


def leases(db, owner: str) -> Leases:
    return Leases(db, owner, term_s=0.6)


class Work:
    """Work that tells who is at it."""

    def __init__(self) -> None:
        self.owners: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    def of(self, owner: str):
        async def run() -> None:
            self.owners.append(owner)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                await asyncio.Event().wait()
            finally:
                self.at_once -= 1

        return run


async def working(owner: str, work: Work) -> bool:
    return work.owners[-1:] == [owner]


async def test_a_lease_goes_over_when_its_owner_stops(db):
    work, stopping = Work(), [asyncio.Event(), asyncio.Event()]
    workers = [Worker(leases(db, owner)) for owner in ("one", "two")]
    for owner, worker in zip(("one", "two"), workers, strict=True):
        worker.add("saga", work.of(owner), lease=True)

    async with background(lambda: workers[0].work(stopping[0])):
        await until(lambda: working("one", work))
        async with background(lambda: workers[1].work(stopping[1])):
            stopping[0].set()
            await until(lambda: working("two", work))

    assert work.most_at_once == 1


async def test_a_lease_whose_owner_died_expires_and_its_fence_grows(db):
    dead, alive = leases(db, "dead"), leases(db, "alive")
    first = await dead.take("task")
    refused = await alive.take("task")

    async def taken() -> bool:
        return await alive.take("task") is not None

    await until(taken)

    assert (first, refused, await alive.take("task")) == (1, None, 2)
    assert await dead.take("task") is None


async def test_work_stops_when_the_lease_is_lost(db):
    work, stopping = Work(), asyncio.Event()
    worker = Worker(leases(db, "one"))
    worker.add("saga", work.of("one"), lease=True)

    async with background(lambda: worker.work(stopping)):
        await until(lambda: working("one", work))
        await db.execute("UPDATE lease SET owner = 'other', expire_time = 'infinity'")

        async def stopped() -> bool:
            return work.at_once == 0

        await until(stopped)

    assert work.owners == ["one"]


async def test_a_task_that_fails_is_started_again_and_disturbs_nobody():
    attempts, healthy = 0, Work()
    done = asyncio.Event()

    async def fails_twice() -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise LookupError
        done.set()
        await asyncio.Event().wait()

    worker = Worker()
    worker.add("fragile", fails_twice)
    worker.add("healthy", healthy.of("one"))

    async with background(lambda: worker.work(asyncio.Event())):
        await asyncio.wait_for(done.wait(), 5)

    assert healthy.owners == ["one"]


async def test_periodic_work_is_repeated():
    rounds = asyncio.Semaphore(0)

    async def once() -> None:
        rounds.release()

    worker = Worker()
    worker.add_periodic("sweep", once, interval_s=0.01, lease=False)

    async with background(lambda: worker.work(asyncio.Event())):
        for _ in range(3):
            await asyncio.wait_for(rounds.acquire(), 5)
