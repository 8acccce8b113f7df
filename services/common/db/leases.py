"""Leases: who does the work that must have a single owner, decided by a row in the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.db.database import Database

# Real time, not `app_clock()`: leases are about processes, which a test clock does not move.
_TAKE = """
INSERT INTO lease (name, owner, fence, expire_time)
VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (name) DO UPDATE
SET owner = excluded.owner,
    fence = lease.fence + CASE WHEN lease.owner = excluded.owner THEN 0 ELSE 1 END,
    expire_time = clock_timestamp() + make_interval(secs => $3)
WHERE lease.owner = excluded.owner OR lease.expire_time < clock_timestamp()
RETURNING fence"""
_RENEW = """
UPDATE lease SET expire_time = clock_timestamp() + make_interval(secs => $3)
WHERE name = ANY ($1) AND owner = $2
RETURNING name, fence"""
_RELEASE = """
UPDATE lease SET expire_time = '-infinity' WHERE name = $1 AND owner = $2"""


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process, which `owner` names uniquely.

    The fence grows with each change of owner: work that could still be running
    at a former owner compares it under the lock of what it writes.
    """

    database: Database
    owner: str
    term_s: float = 3.0

    async def take(self, name: str) -> int | None:
        """Take it; gives the fence, or None while another process owns it."""
        row = await self.database.fetchrow(_TAKE, name, self.owner, self.term_s)
        return None if row is None else int(row["fence"])

    async def renew(self, names: Sequence[str]) -> dict[str, int]:
        """Keep leases that we have, in one statement; gives the fences of those that are ours."""
        rows = await self.database.fetch(_RENEW, names, self.owner, self.term_s)
        return {row["name"]: int(row["fence"]) for row in rows}

    async def release(self, name: str) -> None:
        """Let others take it at once."""
        await self.database.execute(_RELEASE, name, self.owner)
