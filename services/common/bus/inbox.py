"""The inbox of one transaction: which events are consumed, parked or dead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.common.bus.events import Event
from services.common.db.transaction import Transaction

_LOCK = "SELECT reconciled_through FROM feed_position WHERE source = $1 FOR UPDATE"
_OPEN_FEED = "INSERT INTO feed_position (source) VALUES ($1) ON CONFLICT DO NOTHING"
_SEEN = """wanted.aggregate_id,
       (SELECT max(aggregate_version) FROM inbox
        WHERE source = $1 AND inbox.aggregate_id = wanted.aggregate_id) AS version,
       EXISTS (SELECT FROM parked_event
               WHERE source = $1 AND parked_event.aggregate_id = wanted.aggregate_id)
           AS has_parked"""
_KNOWN = f"""
SELECT {_SEEN} FROM unnest($2::text[]) AS wanted (aggregate_id)"""  # noqa: S608 - ours
_INCOMING = "unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::text[])"
_NOTE = (
    "INSERT INTO inbox (source, event_id, aggregate_id, aggregate_version, feed_number, outcome)"
)
# What mostly happens, in one round trip: nobody has the lock, and each aggregate's events begin
# where it had come to. Else nothing is noted. Of what somebody committed in the instant before the
# lock, the inbox's key knows what was consumed, and what was parked waits for the next release.
_CONSUME_NEXT = f"""
WITH ours AS MATERIALIZED (
    SELECT source FROM feed_position WHERE source = $1 FOR UPDATE SKIP LOCKED
), incoming AS MATERIALIZED (
    SELECT * FROM {_INCOMING} AS event (event_id, aggregate_id, version, feed_number, outcome)
), known AS MATERIALIZED (
    SELECT {_SEEN}, first
    FROM (SELECT aggregate_id, min(version) AS first FROM incoming GROUP BY aggregate_id) wanted,
         ours
), consumed AS (
    {_NOTE}
    SELECT $1, incoming.* FROM incoming, ours
    WHERE NOT EXISTS (SELECT FROM known WHERE has_parked OR first <> coalesce(version, 0) + 1)
    ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT aggregate_id, version, has_parked, (SELECT array_agg(event_id) FROM consumed) AS consumed
FROM known"""  # noqa: S608 - constants of ours
_PARKED = """
SELECT event_id AS id, source, type, aggregate_id, aggregate_version, feed_number, occur_time,
       correlation_id, traceparent, payload
FROM parked_event WHERE source = $1 AND aggregate_id = ANY ($2) ORDER BY aggregate_version"""
_CONSUME = f"""
{_NOTE}
SELECT $1, * FROM {_INCOMING} ON CONFLICT DO NOTHING RETURNING event_id"""  # noqa: S608 - ours
_PARK = """
INSERT INTO parked_event (source, event_id, type, aggregate_id, aggregate_version, feed_number,
                          occur_time, correlation_id, traceparent, payload)
SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
                         $7::timestamptz[], $8::text[], $9::text[], $10::bytea[])
ON CONFLICT DO NOTHING"""
_UNPARK = "DELETE FROM parked_event WHERE source = $1 AND event_id = ANY ($2)"
_BURY = """
INSERT INTO dead_event (event_id, source, type, aggregate_id, aggregate_version, feed_number,
                        occur_time, correlation_id, traceparent, payload, reason, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING"""

MAX_REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Known:
    """The last consumed version of each aggregate, unheard of ones left out; and who has parked.

    `consumed` are the IDs of incoming events that are noted already; None: none of them was tried.
    """

    versions: dict[str, int]
    with_parked: list[str]
    consumed: set[UUID] | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """What a transaction knows and notes about the events of one source."""

    tx: Transaction
    source: str

    async def lock(self) -> None:
        """Be the only one that consumes this source until the transaction ends."""
        if await self.tx.driver.fetchrow(_LOCK, self.source) is None:
            await self.tx.driver.execute(_OPEN_FEED, self.source)
            await self.tx.driver.fetchrow(_LOCK, self.source)

    async def lock_and_know(self, aggregate_ids: Sequence[str]) -> Known:
        """Lock as `lock` does, and read what is known of each aggregate."""
        await self.lock()
        return _known(await self.tx.driver.fetch(_KNOWN, self.source, aggregate_ids))

    async def consume_next(self, events: Sequence[Event], outcomes: Sequence[str]) -> Known:
        """Lock, know, and note events as consumed if all of them are next in their aggregates.

        An aggregate's events must be without gaps and repeats. Else, and when others consume from
        the source, it is `lock_and_know`.
        """
        rows = await self.tx.driver.fetch(_CONSUME_NEXT, self.source, *_noted(events, outcomes))
        if not rows:
            return await self.lock_and_know(list({event.aggregate_id for event in events}))
        return _known(rows, rows[0]["consumed"])

    async def parked(self, aggregate_ids: Sequence[str]) -> list[Event]:
        """Read what waits for its predecessor."""
        if not aggregate_ids:
            return []
        rows = await self.tx.driver.fetch(_PARKED, self.source, aggregate_ids)
        return [Event(**dict(row)) for row in rows]

    async def consume(self, events: Sequence[Event], outcomes: Sequence[str]) -> set[UUID]:
        """Note events as consumed; gives the IDs of those that were not before."""
        rows = await self.tx.driver.fetch(_CONSUME, self.source, *_noted(events, outcomes))
        return {row["event_id"] for row in rows}

    async def park(self, events: Sequence[Event]) -> None:
        """Keep early events until their predecessors come."""
        if events:
            await self.tx.driver.execute(_PARK, self.source, *_columns(events))

    async def unpark(self, events: Sequence[Event]) -> None:
        """Forget parked events that are consumed now."""
        if not events:
            return
        await self.tx.driver.execute(_UNPARK, self.source, [event.id for event in events])

    async def bury(self, event: Event, *, reason: str, attempts: int) -> None:
        """Put an event aside for an operator to decide about."""
        await self.tx.driver.execute(
            _BURY,
            event.id,
            event.source,
            event.type,
            event.aggregate_id,
            event.aggregate_version,
            event.feed_number,
            event.occur_time,
            event.correlation_id,
            event.traceparent,
            event.payload,
            reason[:MAX_REASON_LENGTH],
            attempts,
        )


def _known(rows: Sequence[Record], consumed: Sequence[UUID] | None = None) -> Known:
    return Known(
        {row["aggregate_id"]: row["version"] for row in rows if row["version"] is not None},
        [row["aggregate_id"] for row in rows if row["has_parked"]],
        set(consumed) if consumed else None,
    )


def _noted(events: Sequence[Event], outcomes: Sequence[str]) -> tuple[Sequence[Any], ...]:
    return (
        [event.id for event in events],
        [event.aggregate_id for event in events],
        [event.aggregate_version for event in events],
        [event.feed_number for event in events],
        outcomes,
    )


def _columns(events: Sequence[Event]) -> tuple[list[Any], ...]:
    return (
        [event.id for event in events],
        [event.type for event in events],
        [event.aggregate_id for event in events],
        [event.aggregate_version for event in events],
        [event.feed_number for event in events],
        [event.occur_time for event in events],
        [event.correlation_id for event in events],
        [event.traceparent for event in events],
        [event.payload for event in events],
    )
