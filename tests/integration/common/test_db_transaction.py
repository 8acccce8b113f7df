import asyncio

import pytest
from sqlalchemy import text

from services.common.db.database import Database
from services.common.errors import ConcurrentChangeError, DependencyUnavailableError
from tests.integration.common.conftest import opened
from tests.integration.common.parts import Sender


async def put(db: Database, key: str, value: int) -> None:
    async with db.transaction() as tx:
        await tx.driver.execute("INSERT INTO thing VALUES ($1, $2)", key, value)
        await tx.commit()


async def test_what_is_not_committed_is_rolled_back(db):
    async with db.transaction() as tx:
        await tx.driver.execute("INSERT INTO thing VALUES ('a', 1)")

    assert await db.fetchval("SELECT count(*) FROM thing") == 0


async def test_driver_and_sqlalchemy_statements_share_one_transaction(db):
    async with db.transaction() as tx:
        await tx.driver.execute("INSERT INTO thing VALUES ('a', 1)")
        await tx.connection.execute(text("UPDATE thing SET value = value + 1"))
        seen = await tx.driver.fetchval("SELECT value FROM thing")
        seen_outside = await db.fetchval("SELECT count(*) FROM thing")
        await tx.commit()

    assert (seen, seen_outside) == (2, 0)
    assert await db.fetchval("SELECT value FROM thing") == 2


async def test_an_error_rolls_back_and_leaves_the_pool_whole(db):
    async def fail() -> None:
        async with db.transaction() as tx:
            await tx.driver.execute("INSERT INTO thing VALUES ('a', 1)")
            raise LookupError

    for _ in range(20):
        with pytest.raises(LookupError):
            await fail()

    assert await db.fetchval("SELECT count(*) FROM thing") == 0


async def test_a_commit_that_is_cancelled_happens_all_the_same(db):
    begun = asyncio.Event()
    committed: list[str] = []

    async def work() -> None:
        async with db.transaction() as tx:
            await tx.driver.execute("INSERT INTO thing VALUES ('a', 1)")
            tx.after_commit(lambda: committed.append("told"))
            begun.set()
            await tx.commit()

    task = asyncio.create_task(work())
    await begun.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await db.fetchval("SELECT count(*) FROM thing") == 1
    assert committed == ["told"]


async def test_cancelling_work_at_any_moment_leaves_every_connection_usable(db):
    async def work(number: int) -> None:
        async with db.transaction() as tx:
            await tx.driver.fetch("SELECT pg_sleep(0.005)")
            await tx.driver.execute("INSERT INTO thing VALUES ($1, 1)", str(number))
            await tx.commit()

    for number in range(60):
        task = asyncio.create_task(work(number))
        await asyncio.sleep(number * 0.0002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert await asyncio.gather(*(db.fetchval("SELECT 1") for _ in range(30))) == [1] * 30


async def test_a_conflict_is_retried_and_then_succeeds(db):
    await put(db, "a", 1)
    await put(db, "b", 1)
    both_hold_one = asyncio.Barrier(2)
    met = False

    async def move(first: str, second: str) -> None:
        nonlocal met
        async with db.transaction() as tx:
            await tx.driver.execute("UPDATE thing SET value = value + 1 WHERE id = $1", first)
            if not met:
                await both_hold_one.wait()
                met = True
            await tx.driver.execute("UPDATE thing SET value = value + 1 WHERE id = $1", second)
            await tx.commit()

    await asyncio.gather(
        db.run_with_retry(lambda: move("a", "b")), db.run_with_retry(lambda: move("b", "a"))
    )

    assert [row["value"] for row in await db.fetch("SELECT value FROM thing")] == [3, 3]


async def test_a_conflict_without_end_becomes_concurrent_change(db):
    attempts = 0

    async def work() -> None:
        nonlocal attempts
        attempts += 1
        async with db.transaction() as tx:
            await tx.driver.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")

    with pytest.raises(ConcurrentChangeError):
        await db.run_with_retry(work)

    assert attempts == 3


async def test_killed_connections_are_unavailable_once_and_replaced(db, admin):
    async with db.transaction() as tx:
        pid = await tx.driver.fetchval("SELECT pg_backend_pid()")
        await admin.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(DependencyUnavailableError):
            async with db.transaction() as other:
                await other.driver.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert await db.fetchval("SELECT 1") == 1
    assert await asyncio.gather(*(db.fetchval("SELECT 1") for _ in range(20))) == [1] * 20


async def test_an_exhausted_pool_is_unavailable_after_its_timeout(source_database):
    async with opened(source_database, pool_size=1, pool_timeout_ms=100) as db, db.transaction():
        with pytest.raises(DependencyUnavailableError):
            await db.fetchval("SELECT 1")


async def test_who_waits_for_a_connection_is_not_overtaken(source_database):
    served: list[int] = []

    async with opened(source_database, pool_size=1) as db:

        async def ask(number: int) -> None:
            await db.fetchval("SELECT 1")
            served.append(number)

        async with db.driver():
            waiting = [asyncio.create_task(ask(number)) for number in range(3)]
            await asyncio.sleep(0)
        # In the same turn of the loop as the connection is given back.
        await ask(3)
        await asyncio.gather(*waiting)

    assert served == [0, 1, 2, 3]


async def test_who_stops_waiting_for_a_connection_leaves_it_to_the_next(source_database):
    async with opened(source_database, pool_size=1) as db:
        async with db.driver():
            impatient, patient = (asyncio.create_task(db.fetchval("SELECT 1")) for _ in range(2))
            await asyncio.sleep(0)
        # Its turn has come, and it does not know yet.
        impatient.cancel()

        assert await patient == 1
        assert await db.fetchval("SELECT 1") == 1


async def test_the_relay_is_woken_after_a_commit_with_events_only(db):
    woken: list[str] = []
    waking = Database(db.engine, wake_relay=lambda: woken.append("relay"))
    await put(waking, "a", 1)
    before = list(woken)

    await Sender(waking).tell("thing-1")

    assert (before, woken) == ([], ["relay"])
