import asyncio
from uuid import UUID, uuid4

import pytest

from services.common.db.database import Database
from services.common.db.idempotency import CLAIM_CTE, claim_arguments
from services.common.errors import RepeatedRequest, RequestIdReusedError, RequestInProgressError
from services.common.requests import RequestKey


def a_key(request_id: UUID | None = None, fingerprint: bytes = b"body") -> RequestKey:
    return RequestKey("account:1", "/x.Y/Do", request_id or uuid4(), fingerprint, str.encode)


async def do(db: Database, key: RequestKey) -> bytes:
    try:
        async with db.transaction() as tx:
            await tx.requests.claim(key)
            value = await tx.driver.fetchval(
                "INSERT INTO thing VALUES ('a', 1)"
                " ON CONFLICT (id) DO UPDATE SET value = thing.value + 1 RETURNING value"
            )
            await tx.requests.store(key, f"answer {value}")
            await tx.commit()
    except RepeatedRequest as repeated:
        return repeated.answer
    return f"answer {value}".encode()


async def test_the_same_request_twenty_times_at_once_has_one_effect_and_one_answer(db):
    key = a_key()

    answers = await asyncio.gather(*(do(db, key) for _ in range(20)))

    assert set(answers) == {b"answer 1"}
    assert await db.fetchval("SELECT value FROM thing") == 1


async def test_another_body_under_the_same_id_is_refused(db):
    key = a_key()
    await do(db, key)

    with pytest.raises(RequestIdReusedError):
        await do(db, a_key(key.request_id, b"other body"))


async def test_a_request_that_was_rolled_back_can_be_made_again(db):
    key = a_key()
    async with db.transaction() as tx:
        await tx.requests.claim(key)

    assert await do(db, key) == b"answer 1"


async def test_another_caller_may_use_the_same_id(db):
    key = a_key()
    await do(db, key)
    other = RequestKey("account:2", key.method, key.request_id, key.fingerprint, key.pack)

    assert await do(db, other) == b"answer 2"


async def test_an_open_claim_tells_a_repeat_what_to_drive_on_and_then_the_answer(db):
    key, work_id = a_key(), uuid4()
    async with db.transaction() as tx:
        first = await tx.requests.claim_open(key, work_id)
        await tx.commit()

    async with db.transaction() as tx:
        second = await tx.requests.claim_open(key, uuid4())
    with pytest.raises(RequestInProgressError):
        await do(db, key)
    async with db.transaction() as tx:
        await tx.requests.store(key, "done")
        await tx.commit()

    assert (first.is_new, second.is_new) == (True, False)
    assert first.work_id == second.work_id == work_id
    assert await do(db, key) == b"done"


async def test_the_first_answer_of_an_open_claim_stays(db):
    key = a_key()
    async with db.transaction() as tx:
        await tx.requests.claim_open(key, uuid4())
        await tx.requests.store(key, "first")
        await tx.commit()

    with pytest.raises(RepeatedRequest) as caught:
        async with db.transaction() as tx:
            await tx.requests.store(key, "second")

    assert caught.value.answer == b"first"


async def test_an_answer_without_a_claim_is_a_bug(db):
    with pytest.raises(LookupError):
        async with db.transaction() as tx:
            await tx.requests.store(a_key(), "answer")


async def test_a_hot_path_claims_in_its_own_statement(db):
    key = a_key()
    statement = f"""
        WITH {CLAIM_CTE}
        INSERT INTO thing SELECT $7, 1 WHERE EXISTS (SELECT FROM claim) RETURNING value"""

    first = await db.fetchrow(statement, *claim_arguments(key), b"answer", None, "a")
    second = await db.fetchrow(statement, *claim_arguments(key), b"answer", None, "b")

    assert (first["value"], second) == (1, None)
    with pytest.raises(RepeatedRequest):
        await db.requests.replay(key)
