"""Claims request IDs and keeps answers, in the transaction of the work itself.

The row of a request is its lock: the same request sent twice at once waits for the first one's
transaction and then gets its answer, or does the work itself if the first one rolled back. Refusals
roll back and so are never kept.
"""

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from asyncpg import LockNotAvailableError, Record

from services.common.errors import RepeatedRequest, RequestIdReusedError, RequestInProgressError
from services.common.requests import RequestKey

# For a hot path that claims in its own single statement: put this in front as the first CTE with
# `claim_arguments(key)` as $1 to $4 and let the work depend on `EXISTS (SELECT FROM claim)`. No
# row from the claim means a repeat: roll back and call `RequestStore.replay(key)`. With $5 the
# answer (or NULL) and $6 the work's ID (or NULL), the claim and its answer are one insert.
CLAIM_CTE = """
claim AS (
    INSERT INTO request (principal, method, request_id, fingerprint, answer, work_id)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING
    RETURNING request_id
)"""

_CLAIM = f"WITH {CLAIM_CTE} SELECT request_id FROM claim"  # noqa: S608 - a constant of ours
_READ = """
SELECT fingerprint, answer, work_id FROM request
WHERE principal = $1 AND method = $2 AND request_id = $3"""
_STORE = """
UPDATE request SET answer = $5
WHERE principal = $1 AND method = $2 AND request_id = $3 AND fingerprint = $4 AND answer IS NULL
RETURNING request_id"""


class Runner(Protocol):
    """What can run a statement: a driver connection, or the database's fast path."""

    async def fetchrow(self, query: str, /, *args: Any) -> Record | None: ...


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim whose answer comes in a later transaction.

    `is_new` is False when an earlier call claimed it and has not answered: `work_id` is then what
    that call made, and the caller drives the same work on.
    """

    work_id: UUID
    is_new: bool


def claim_arguments(key: RequestKey) -> tuple[str, str, UUID, bytes]:
    """Give the first four arguments of `CLAIM_CTE`."""
    return key.principal, key.method, key.request_id, key.fingerprint


@dataclass(frozen=True, slots=True)
class RequestStore:
    """The requests of one database, inside one transaction."""

    runner: Runner

    async def claim(self, key: RequestKey) -> None:
        """Claim the request for this transaction; call it before anything else is written.

        Raises RepeatedRequest when it was answered, RequestIdReusedError when the ID was used for
        another body, RequestInProgressError while an earlier call still works on it.
        """
        if not await self._insert(key, None):
            await self._read_open(key)
            raise RequestInProgressError(key.request_id)

    async def claim_open(self, key: RequestKey, work_id: UUID) -> OpenClaim:
        """Claim a request with remote steps; `store` follows in a later transaction.

        Raises as `claim` does, except that an unanswered earlier claim is returned.
        """
        if await self._insert(key, work_id):
            return OpenClaim(work_id, is_new=True)
        row = await self._read_open(key)
        if row["work_id"] is None:
            raise RequestInProgressError(key.request_id)
        return OpenClaim(row["work_id"], is_new=False)

    async def store(self, key: RequestKey, result: Any) -> None:
        """Keep the answer. Must be called before the commit of the work, in its transaction.

        The first answer of an open claim stays: storing again raises RepeatedRequest with it.
        """
        row = await self.runner.fetchrow(_STORE, *claim_arguments(key), key.pack(result))
        if row is None:
            await self._repeat(key)
            raise LookupError(f"{key.method} stores an answer without a claim.")

    async def replay(self, key: RequestKey) -> None:
        """Raise what a repeat of the request gets, after a hot path's claim came back empty."""
        await self._read_open(key)
        raise RequestInProgressError(key.request_id)

    async def _insert(self, key: RequestKey, work_id: UUID | None) -> bool:
        try:
            row = await self.runner.fetchrow(_CLAIM, *claim_arguments(key), None, work_id)
        except LockNotAvailableError:
            raise RequestInProgressError(key.request_id) from None
        return row is not None

    async def _read_open(self, key: RequestKey) -> Record:
        row = await self._repeat(key)
        if row is None:  # Retention removed it between the two statements.
            raise RequestInProgressError(key.request_id)
        return row

    async def _repeat(self, key: RequestKey) -> Record | None:
        row = await self.runner.fetchrow(_READ, key.principal, key.method, key.request_id)
        if row is None:
            return None
        if row["fingerprint"] != key.fingerprint:
            raise RequestIdReusedError(key.request_id)
        if row["answer"] is not None:
            raise RepeatedRequest(row["answer"])
        return row
