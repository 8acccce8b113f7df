"""Leases: who does the work that must have a single owner, decided by a row in the database."""

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
_RELEASE = """
UPDATE lease SET expire_time = '-infinity' WHERE name = $1 AND owner = $2"""


@dataclass(frozen=True, slots=True)
class Leases:
    """The leases of one process, which `owner` names uniquely.

    `take` also renews. The fence grows with each change of owner: work that could still be running
    at a former owner compares it under the lock of what it writes.
    """

    database: Database
    owner: str
    term_s: float = 3.0

    async def take(self, name: str) -> int | None:
        """Take or renew; gives the fence, or None while another process owns it."""
        row = await self.database.fetchrow(_TAKE, name, self.owner, self.term_s)
        return None if row is None else int(row["fence"])

    async def release(self, name: str) -> None:
        """Let others take it at once."""
        await self.database.execute(_RELEASE, name, self.owner)
