"""Which points of sale can be used: a row that all processes share, and the event about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cinema.payment.v1 import events_pb2
from google.protobuf.duration_pb2 import Duration

from services.common.db.database import Database
from services.common.db.outbox import OutboxEvent
from services.payment.domain.availability import Availability

if TYPE_CHECKING:
    from asyncpg import Record

# By the machine's own clock: a test that moves the service's time does not move the provider's.
_ENSURE = """
INSERT INTO provider_availability (currency) VALUES ($1) ON CONFLICT DO NOTHING"""
_LOCK = """
SELECT currency, is_down, version, falls, change_time, next_probe_at
FROM provider_availability WHERE currency = $1 FOR UPDATE"""
_SAVE = """
UPDATE provider_availability
SET is_down = $2, version = $3, falls = $4, change_time = $5, next_probe_at = $6
WHERE currency = $1"""
_DOWN = "SELECT currency FROM provider_availability WHERE is_down"
_TAKE_PROBE = """
UPDATE provider_availability SET next_probe_at = clock_timestamp() + make_interval(secs => $2)
WHERE currency = $1 AND is_down AND next_probe_at <= clock_timestamp() RETURNING currency"""
# Whoever waits longer and longer for the provider may ask it now.
_WAKE = """
UPDATE payment_attempt a SET next_step_at = app_clock(), step_count = 0
FROM payment p
WHERE p.id = a.payment_id AND p.currency = $1 AND a.next_step_at > app_clock()
  AND a.state IN ('CAPTURE_SENT', 'CANCELLING', 'OPENING')"""

Change = Callable[[Availability, datetime], Availability]


@dataclass(frozen=True, slots=True)
class SqlAvailability:
    """The shared rows. A change is told with the row, in one transaction."""

    database: Database
    first_probe_wait_s: float = 2.0
    probe_s: float = 10.0

    async def down(self) -> Sequence[str]:
        """List the currencies whose point of sale is not called."""
        return [row["currency"] for row in await self.database.fetch(_DOWN)]

    async def gone_down(self, currency: str) -> None:
        await self._change(currency, lambda it, now: it.gone_down(now, self.first_probe_wait_s))

    async def come_back(self, currency: str) -> None:
        await self._change(currency, lambda it, now: it.come_back(now))

    async def take_probe(self, currency: str) -> bool:
        """Take the next probe when it is due; only one process gets it."""
        taken = await self.database.fetchval(_TAKE_PROBE, currency, self.probe_s)
        return taken is not None

    async def _change(self, currency: str, change: Change) -> None:
        async with self.database.transaction() as tx:
            await tx.driver.execute(_ENSURE, currency)
            row = await tx.driver.fetchrow(_LOCK, currency)
            now = await tx.driver.fetchval("SELECT clock_timestamp()")
            if row is None:
                raise LookupError(currency)
            before = _availability(row)
            after = change(before, now)
            await tx.driver.execute(
                _SAVE,
                currency,
                after.is_down,
                after.version,
                after.falls,
                after.change_time,
                after.next_probe_at,
            )
            if before.is_down and not after.is_down:
                await tx.driver.execute(_WAKE, currency)
            if after.version != before.version:
                await tx.outbox.add(_event(after, now))
            await tx.commit()


def _availability(row: "Record") -> Availability:
    return Availability(**dict(row))


def _event(after: Availability, now: datetime) -> OutboxEvent:
    kind = events_pb2.ProviderAvailabilityChanged
    message = kind(currency_code=after.currency, availability=kind.AVAILABILITY_AVAILABLE)
    if after.is_down:
        message.availability = kind.AVAILABILITY_UNAVAILABLE
        retry_after = Duration()
        retry_after.FromTimedelta(after.retry_after(now))
        message.retry_after.CopyFrom(retry_after)
    return OutboxEvent(
        "ProviderAvailabilityChanged",
        after.currency,
        after.version,
        message.SerializeToString(),
    )
