"""What tells a process that the listings it keeps are still true."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeAlias

from services.common.db.database import Database
from services.common.single_flight import SingleFlight

# Of each cinema: what was noted of its screenings, and which prices and terms are in force. Noted
# rows go after an hour, and none is written so late: their number and sum say which ones there are.
_VERSIONS = """
SELECT c.id, p.number AS prices, t.number AS terms, own.rows AS own_rows, own.sum AS own_sum,
       everybody.rows AS all_rows, everybody.sum AS all_sum, app_clock() AS now
FROM cinema c
LEFT JOIN LATERAL (
    SELECT number FROM price_list
    WHERE cinema_id = c.id AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT number FROM terms
    WHERE policy_code = c.policy_code AND effective_time <= (SELECT app_clock())
    ORDER BY effective_time DESC, number DESC LIMIT 1
) t ON true
LEFT JOIN (
    SELECT cinema_id, count(*) AS rows, sum(number) AS sum FROM programme_change GROUP BY cinema_id
) own ON own.cinema_id = c.id
LEFT JOIN (
    SELECT count(*) AS rows, sum(number) AS sum FROM programme_change WHERE cinema_id = ''
) everybody ON true"""

# Equal only when nothing changed.
Version: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of all cinemas as they were read; `begun_at` is of this process's own clock."""

    of_cinema: Mapping[str, Version]
    begun_at: float
    read_time: datetime

    def time(self) -> datetime:
        """Say what `app_clock()` says now, or a moment later."""
        return self.read_time + timedelta(seconds=monotonic() - self.begun_at)


_NEVER = Versions({}, float("-inf"), datetime.min.replace(tzinfo=UTC))


@dataclass(slots=True)
class ProgrammeVersions:
    """Reads the versions again when they are older than `max_age_s` and somebody asks."""

    database: Database
    max_age_s: float
    _newest: Versions = _NEVER
    _expired_at: float = float("-inf")
    _reading: SingleFlight[None] = field(default_factory=SingleFlight)

    def expire(self) -> None:
        """Do not trust what was read before now: this process has changed something."""
        self._expired_at = monotonic()

    async def current(self) -> Versions:
        """Give versions that were true at most `max_age_s` ago, and after the last own change."""
        from_then_on = max(monotonic() - self.max_age_s, self._expired_at)
        while self._newest.begun_at < from_then_on:
            await self._reading.run("versions", self._read)
        return self._newest

    async def _read(self) -> None:
        begun_at = monotonic()
        rows = await self.database.fetch(_VERSIONS)
        of_cinema = {row[0]: tuple(row)[1:-1] for row in rows}
        read_time = rows[0]["now"] if rows else _NEVER.read_time
        self._newest = Versions(of_cinema, begun_at, read_time)
