"""Limits how often something may be tried: shared through Redis, tighter and local without it."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.common.bounded_cache import BoundedCache
from services.common.logging import get_logger

REDIS_TIMEOUT_MS = 100
# After a failure Redis is left alone for a while, so that its absence costs no time per call.
REDIS_PAUSE_MS = 1_000
LOCAL_SHARE = 4
MAX_LOCAL_WINDOWS = 20_000
MAX_REDIS_CONNECTIONS = 16

# All windows are looked at before any is counted: a refused attempt counts nowhere.
_TAKE = """
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then
    wait = math.max(wait, redis.call('PTTL', key), 1)
  end
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
  end
end
return wait"""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """At most `max_attempts` within each window of `window_ms` per key; `name` tells it apart."""

    name: str
    max_attempts: int
    window_ms: int

    @property
    def max_local_attempts(self) -> int:
        """What one process allows by itself while Redis is away."""
        return max(1, self.max_attempts // LOCAL_SHARE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt under one limit. Only a hash of `key` leaves the process."""

    limit: AttemptLimit
    key: str

    @property
    def window(self) -> str:
        return f"limit:{self.limit.name}:{hashlib.sha256(self.key.encode()).hexdigest()[:32]}"


@dataclass(slots=True)
class AttemptLimiter:
    """Counts attempts in fixed windows. Losing Redis loses counts, never refuses by itself."""

    redis: "Redis | None" = None
    _local: "BoundedCache[str, tuple[int, float]]" = field(
        default_factory=lambda: BoundedCache(MAX_LOCAL_WINDOWS)
    )
    _redis_again_at: float = 0.0

    @classmethod
    def from_url(cls, url: str) -> "AttemptLimiter":
        """Make one for `redis://host:port/number`; an empty address means local counting."""
        if not url:
            return cls()
        timeout_s = REDIS_TIMEOUT_MS / 1_000
        return cls(
            Redis.from_url(
                url,
                socket_timeout=timeout_s,
                socket_connect_timeout=timeout_s,
                max_connections=MAX_REDIS_CONNECTIONS,
                retry=Retry(NoBackoff(), 0),
            )
        )

    async def take(self, attempts: Sequence[Attempt]) -> int:
        """Count one attempt under all the limits, or none of them.

        Gives 0 when it is allowed, else the milliseconds after which to try again.
        """
        now = time.monotonic()
        if self.redis is not None and now >= self._redis_again_at:
            try:
                return await self._take_shared(self.redis, attempts)
            except (TimeoutError, RedisError, OSError) as error:
                self._redis_again_at = now + REDIS_PAUSE_MS / 1_000
                _log.warning("attempt_limits_local", problem=type(error).__name__)
        return self._take_local(attempts, now)

    async def close(self) -> None:
        if self.redis is not None:
            await self.redis.aclose()

    async def _take_shared(self, redis: "Redis", attempts: Sequence[Attempt]) -> int:
        numbers = [
            number
            for attempt in attempts
            for number in (attempt.limit.max_attempts, attempt.limit.window_ms)
        ]
        answer: Any = redis.eval(
            _TAKE, len(attempts), *[attempt.window for attempt in attempts], *map(str, numbers)
        )
        return int(await answer)

    def _take_local(self, attempts: Sequence[Attempt], now: float) -> int:
        windows = {attempt.window: self._window(attempt, now) for attempt in attempts}
        wait_s = max(
            (
                windows[attempt.window][1] - now
                for attempt in attempts
                if windows[attempt.window][0] >= attempt.limit.max_local_attempts
            ),
            default=0.0,
        )
        if wait_s > 0:
            return max(1, int(wait_s * 1_000))
        for key, (count, ends_at) in windows.items():
            self._local.put(key, (count + 1, ends_at))
        return 0

    def _window(self, attempt: Attempt, now: float) -> tuple[int, float]:
        known = self._local.get(attempt.window)
        if known is not None and known[1] > now:
            return known
        return 0, now + attempt.limit.window_ms / 1_000
