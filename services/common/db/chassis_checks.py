"""The chassis's own invariants: feeds, inboxes, requests, the audit chain."""

import asyncio
import time

from services.common.db.checks import (
    DEFAULT_SETTLE_S,
    MAX_LISTED_VIOLATIONS,
    READ_AGAIN_AFTER_MS,
    Check,
    Violation,
)
from services.common.db.database import Database

MAX_COMPARED_EVENTS = 5_000

_FEED_GAPS = """
SELECT feed_number::text AS subject, 'no event with the number before' AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT feed_number, lag(feed_number) OVER (ORDER BY feed_number) AS before
      FROM outbox WHERE feed_number IS NOT NULL) feed
WHERE before IS NOT NULL AND feed_number <> before + 1
UNION ALL
SELECT last_feed_number::text, 'the feed ends elsewhere', NULL
FROM relay_state
WHERE last_feed_number <> coalesce((SELECT max(feed_number) FROM outbox), last_feed_number)"""

_UNNUMBERED = """
SELECT id::text AS subject, type || ' has no feed number' AS detail,
       extract(epoch FROM clock_timestamp() - write_time)::double precision AS age_seconds
FROM outbox WHERE feed_number IS NULL"""

_VERSION_ORDER = """
SELECT aggregate_id AS subject,
       format('version %s follows %s in the feed', aggregate_version, before) AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT aggregate_id, aggregate_version,
             lag(aggregate_version) OVER (PARTITION BY aggregate_id ORDER BY feed_number) AS before
      FROM outbox WHERE feed_number IS NOT NULL) feed
WHERE before IS NOT NULL AND aggregate_version <> before + 1"""

_CONSUMED_TWICE = """
SELECT aggregate_id AS subject,
       format('version %s of %s consumed %s times', aggregate_version, source, count(*)) AS detail,
       NULL::double precision AS age_seconds
FROM inbox GROUP BY source, aggregate_id, aggregate_version HAVING count(*) > 1"""

_CONSUMED_OUT_OF_ORDER = """
SELECT aggregate_id AS subject,
       format('version %s of %s consumed after %s', aggregate_version, source, before) AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT source, aggregate_id, aggregate_version,
             lag(aggregate_version) OVER (PARTITION BY source, aggregate_id
                                          ORDER BY aggregate_version) AS before
      FROM inbox) consumed
WHERE before IS NOT NULL AND aggregate_version > before + 1"""

_PARKED = """
SELECT event_id::text AS subject,
       format('%s %s version %s waits for its predecessor', source, type, aggregate_version)
           AS detail,
       extract(epoch FROM clock_timestamp() - park_time)::double precision AS age_seconds
FROM parked_event"""

_DEAD = """
SELECT event_id::text AS subject, format('%s %s: %s', source, type, reason) AS detail,
       NULL::double precision AS age_seconds
FROM dead_event WHERE state = 'DEAD'"""

_UNANSWERED = """
SELECT request_id::text AS subject, method || ' is not answered' AS detail,
       extract(epoch FROM clock_timestamp() - claim_time)::double precision AS age_seconds
FROM request WHERE answer IS NULL"""

_AUDIT_CHAIN = """
SELECT number::text AS subject, 'the entry does not follow from the one before' AS detail,
       NULL::double precision AS age_seconds
FROM (SELECT *, lag(digest, 1, '\\x'::bytea) OVER (ORDER BY number) AS before FROM audit) entry
WHERE digest <> audit_digest(before, number, actor, roles, action, subject, request_id,
                             before_hash, after_hash)
UNION ALL
SELECT audit_head.number::text, 'the last entry is missing', NULL
FROM audit_head WHERE number <> (SELECT count(*) FROM audit)"""

_FEED = """
SELECT id, type, aggregate_id, feed_number,
       extract(epoch FROM clock_timestamp() - write_time)::double precision AS age_seconds
FROM outbox WHERE feed_number > $1 ORDER BY feed_number LIMIT $2"""
_CONSUMED = """
SELECT event_id FROM inbox WHERE source = $1 AND event_id = ANY ($2)"""


def chassis_checks(
    *, settle_seconds: float = DEFAULT_SETTLE_S, unanswered_after_seconds: float = 300.0
) -> list[Check]:
    """Give the checks that hold in every service's database."""
    return [
        Check("feed numbers have no gaps", "I7", _FEED_GAPS, settle_seconds),
        Check("every event has its feed number", "I7", _UNNUMBERED, settle_seconds),
        Check("events of an aggregate are in order in the feed", "I8", _VERSION_ORDER),
        Check("no event is consumed twice", "I7", _CONSUMED_TWICE),
        Check("events of an aggregate are consumed without gaps", "I8", _CONSUMED_OUT_OF_ORDER),
        Check("no event waits for its predecessor for long", "I8", _PARKED, settle_seconds),
        Check("no event is dead", "I7", _DEAD, settle_seconds),
        Check("every claimed request is answered", "I9", _UNANSWERED, unanswered_after_seconds),
        Check("the audit is a chain", "I12", _AUDIT_CHAIN, settle_seconds),
    ]


async def check_delivery(
    producer: tuple[str, Database],
    consumer: tuple[str, Database],
    *,
    settle_seconds: float = DEFAULT_SETTLE_S,
    wait_s: float | None = None,
) -> list[Violation]:
    """Compare a producer's feed with a consumer's inbox (I7): whatever is missing is listed."""
    until = time.monotonic() + (settle_seconds if wait_s is None else wait_s)
    while True:
        found = await _missing(producer, consumer, settle_seconds)
        if not any(violation.in_flight for violation in found) or time.monotonic() >= until:
            return found
        await asyncio.sleep(READ_AGAIN_AFTER_MS / 1_000)


async def _missing(
    producer: tuple[str, Database], consumer: tuple[str, Database], settle_seconds: float
) -> list[Violation]:
    source, feed = producer
    found: list[Violation] = []
    after = 0
    while len(found) < MAX_LISTED_VIOLATIONS:
        rows = await feed.fetch(_FEED, after, MAX_COMPARED_EVENTS)
        if not rows:
            break
        after = rows[-1]["feed_number"]
        ids = [row["id"] for row in rows]
        consumed = {row["event_id"] for row in await consumer[1].fetch(_CONSUMED, source, ids)}
        found.extend(
            Violation(
                f"{consumer[0]} consumes every event of {source}",
                "I7",
                consumer[0],
                str(row["id"]),
                f"{row['type']} of {row['aggregate_id']}, number {row['feed_number']}",
                in_flight=row["age_seconds"] < settle_seconds,
            )
            for row in rows
            if row["id"] not in consumed
        )
    return found
