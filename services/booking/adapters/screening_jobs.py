"""Jobs over all orders of a screening, in PostgreSQL: a row says how far each has come."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.retry_wait import RETRY_WAIT
from services.booking.domain.screening_job import JobKind, JobState, MovedOrders, ScreeningJob
from services.common.db.database import Database
from services.common.db.transaction import Transaction

MAX_ERROR_CHARACTERS = 200
_MOVED = ("hall_name", "same_orders", "other_orders", "unseated", "released_holds")
LIVE = "('PLACED', 'AWAITING_PAYMENT', 'COMPLETING', 'CONFIRMED')"

_COLUMNS = """
screening_id, kind, version, state, passes, position, done, total, created_at, pass_began_at"""
_BEGIN = f"""
INSERT INTO screening_job (screening_id, kind, version, state, total, created_at, pass_began_at,
                           next_at)
SELECT $1, $2, $3, 'RUNNING', count(*), app_clock(), app_clock(), app_clock()
FROM customer_order WHERE screening_id = $1 AND state IN {LIVE}
ON CONFLICT DO NOTHING"""  # noqa: S608 - a constant of ours
# Nobody is told of another hall before the seats there are known.
_DUE = """
FROM screening_job
WHERE state = 'RUNNING' AND next_at <= (SELECT app_clock())
  AND (kind <> 'NOTICE' OR NOT EXISTS (
    SELECT FROM screening_board board
    WHERE board.screening_id = screening_job.screening_id AND sales_state = 'MOVING'))"""
JOBS_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_at LIMIT 1)"
_TAKE = f"""
SELECT {_COLUMNS}, app_clock() AS now {_DUE}
ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
_ORDERS = f"""
SELECT id FROM customer_order
WHERE screening_id = $1 AND ($2::uuid IS NULL OR id > $2) AND state IN {LIVE}
ORDER BY id LIMIT $3"""  # noqa: S608 - a constant of ours
_THIS = "WHERE screening_id = $1 AND kind = $2 AND version = $3"
_ADVANCE = f"""
UPDATE screening_job
SET position = $4, done = done + $5, total = greatest(total, done + $5), next_at = app_clock(),
    retries = 0, last_error = ''
{_THIS}"""  # noqa: S608 - a constant of ours
_PASS_AGAIN = f"""
UPDATE screening_job
SET position = NULL, done = 0, passes = passes + 1,
    pass_began_at = app_clock() + make_interval(secs => $4),
    next_at = app_clock() + make_interval(secs => $4)
{_THIS}"""  # noqa: S608 - a constant of ours
_FINISH = f"""
UPDATE screening_job
SET state = 'DONE', passes = passes + 1, finished_at = app_clock(), next_at = NULL
{_THIS}"""  # noqa: S608 - a constant of ours
_FAILED = f"""
UPDATE screening_job
SET retries = retries + 1, last_error = $4, next_at = app_clock() + {RETRY_WAIT}
{_THIS} AND state = 'RUNNING'"""  # noqa: S608 - a constant of ours
# A move is told with what became of the orders.
_OF_SCREENING = f"""
SELECT job.*, move.hall_name, move.same_orders, move.other_orders, move.unseated,
    move.released_holds
FROM (
    SELECT {_COLUMNS}, last_error AS problem, app_clock() AS now FROM screening_job
    WHERE screening_id = $1 AND ($2::bigint IS NULL OR (version, kind) < ($2, $3))
    ORDER BY version DESC, kind DESC LIMIT $4
) AS job
LEFT JOIN screening_move AS move ON job.kind = 'MOVE'
    AND move.screening_id = job.screening_id AND move.version = job.version
ORDER BY job.version DESC, job.kind DESC"""  # noqa: S608 - a constant of ours


async def begin_job(tx: Transaction, screening_id: UUID, kind: JobKind, version: int) -> None:
    """Write a job down in the transaction of what makes it necessary; once for each version."""
    await tx.driver.execute(_BEGIN, screening_id, kind, version)


@dataclass(frozen=True, slots=True)
class JobTransaction:
    """The port `JobTx`."""

    inner: Transaction

    async def take(self) -> ScreeningJob | None:
        row = await self.inner.driver.fetchrow(_TAKE)
        return None if row is None else _job(row)

    async def orders(self, job: ScreeningJob, limit: int) -> Sequence[UUID]:
        rows = await self.inner.driver.fetch(_ORDERS, job.screening_id, job.position, limit)
        return [row["id"] for row in rows]

    async def advance(self, job: ScreeningJob, order_ids: Sequence[UUID]) -> None:
        await self.inner.driver.execute(_ADVANCE, *_key(job), order_ids[-1], len(order_ids))

    async def pass_again(self, job: ScreeningJob, wait: timedelta) -> None:
        await self.inner.driver.execute(_PASS_AGAIN, *_key(job), wait.total_seconds())

    async def finish(self, job: ScreeningJob) -> None:
        await self.inner.driver.execute(_FINISH, *_key(job))

    async def commit(self) -> None:
        await self.inner.commit()


@dataclass(frozen=True, slots=True)
class JobTransactionScopes:
    """Opens transactions: `async with transactions() as tx: ...; await tx.commit()`."""

    database: Database

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[JobTransaction]:
        async with self.database.transaction() as inner:
            yield JobTransaction(inner)


@dataclass(frozen=True, slots=True)
class JobRows:
    """The ports `JobFailures` and `JobReads`."""

    database: Database

    async def note(self, job: ScreeningJob, problem: str) -> None:
        await self.database.execute(_FAILED, *_key(job), problem[:MAX_ERROR_CHARACTERS])

    async def of_screening(
        self, screening_id: UUID, before: tuple[int, str] | None, limit: int
    ) -> Sequence[ScreeningJob]:
        version, kind = before or (None, None)
        rows = await self.database.fetch(_OF_SCREENING, screening_id, version, kind, limit)
        return [_job(row) for row in rows]


def _key(job: ScreeningJob) -> tuple[UUID, JobKind, int]:
    return job.screening_id, job.kind, job.version


def _job(row: Record) -> ScreeningJob:
    values = dict(row)
    moved = {name: values.pop(name, None) for name in _MOVED}
    return ScreeningJob(
        **values | {"kind": JobKind(row["kind"]), "state": JobState(row["state"])},
        moved=MovedOrders(**moved) if moved["hall_name"] is not None else None,
    )
