"""The access token of a point of sale: fetched once, kept, renewed in time or when refused."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# A token is renewed after this share of its life.
RENEW_AFTER = 0.9
MIN_LIFETIME_S = 1.0

Fetch = Callable[[], Awaitable[tuple[str, float]]]


@dataclass(slots=True)
class TokenCache:
    """`fetch` gives a new token and its lifetime in seconds. One fetch at a time."""

    fetch: Fetch
    clock: Callable[[], float] = time.monotonic
    _token: str = ""
    _renew_at: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self) -> str:
        """Give the token, fetching one when there is none or it is old."""
        if self._token and self.clock() < self._renew_at:
            return self._token
        async with self._lock:
            if not self._token or self.clock() >= self._renew_at:
                self._token, lifetime_s = await self.fetch()
                self._renew_at = self.clock() + max(lifetime_s * RENEW_AFTER, MIN_LIFETIME_S)
            return self._token

    def refused(self, token: str) -> None:
        """Forget a token that the provider did not accept."""
        if token == self._token:
            self._token = ""
