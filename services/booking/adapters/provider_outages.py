"""Points of sale that cannot be reached, as payment told, kept where all processes see them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.single_flight import SingleFlight

READ_EVERY_MS = 1_000
MIN_RETRY_AFTER_MS = 1_000
MAX_ORDERS_WOKEN = 10_000

_BEGAN = """
INSERT INTO provider_outage (currency, since, retry_after_ms) VALUES ($1, app_clock(), $2)
ON CONFLICT (currency) DO UPDATE SET retry_after_ms = excluded.retry_after_ms"""
_ENDED = "DELETE FROM provider_outage WHERE currency = $1"
# What failed while the provider was away need not wait for its next try. Who is locked moves now.
_WAKE = """
UPDATE customer_order SET next_step_at = app_clock()
WHERE (screening_id, id) IN (
    SELECT o.screening_id, o.id FROM customer_order o
    JOIN order_leg g ON g.screening_id = o.screening_id AND g.order_id = o.id
    WHERE o.currency = $1 AND o.next_step_at > app_clock() AND g.kind = 'PAYMENT' AND g.retries > 0
    LIMIT $2 FOR UPDATE OF o SKIP LOCKED)"""
_KNOWN = "SELECT currency, retry_after_ms FROM provider_outage"


@dataclass(frozen=True, slots=True)
class OutageNoteStore:
    """The port `OutageNotes` on a transaction."""

    tx: Transaction

    async def began(self, currency: str, retry_after_ms: int) -> None:
        wait_ms = max(retry_after_ms, MIN_RETRY_AFTER_MS)
        await self.tx.driver.execute(_BEGAN, currency, wait_ms)

    async def ended(self, currency: str) -> None:
        await self.tx.driver.execute(_ENDED, currency)
        await self.tx.driver.execute(_WAKE, currency, MAX_ORDERS_WOKEN)


@dataclass(slots=True)
class KnownOutages:
    """The port `Outages`: read at most once a second in a process.

    One caller of a process is let through each time the wait is over, so that a payment which
    forgot to say that all is well again could not stop sales for ever.
    """

    database: Database
    read_every_ms: int = READ_EVERY_MS
    clock: Callable[[], float] = time.monotonic
    _waits_ms: dict[str, int] = field(default_factory=dict)
    _next_try_at: dict[str, float] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _reads: SingleFlight[None] = field(default_factory=SingleFlight)

    async def wait_ms(self, currency: str) -> int:
        now = self.clock()
        if (now - self._read_at) * 1_000 >= self.read_every_ms:
            await self._reads.run("outages", self._read)
        retry_after_ms = self._waits_ms.get(currency)
        if retry_after_ms is None:
            self._next_try_at.pop(currency, None)
            return 0
        next_try_at = self._next_try_at.setdefault(currency, now + retry_after_ms / 1_000)
        if now >= next_try_at:
            self._next_try_at[currency] = now + retry_after_ms / 1_000
            return 0
        return max(int((next_try_at - now) * 1_000), MIN_RETRY_AFTER_MS)

    async def _read(self) -> None:
        read_at = self.clock()
        rows = await self.database.fetch(_KNOWN)
        self._waits_ms = {row["currency"]: row["retry_after_ms"] for row in rows}
        self._read_at = read_at
