"""Deletes what the chassis need not keep any longer, in small batches."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from prometheus_client import Counter, Gauge

from services.common.config import ServiceSettings
from services.common.db.database import Database
from services.common.logging import get_logger

MAX_ROWS_PER_DELETE = 1_000
PAUSE_BETWEEN_DELETES_MS = 20
DAY_S = 24 * 3_600.0
INBOX_LONGER_S = 7 * DAY_S

_log = get_logger(__name__)
_rows = Counter("retention_rows_total", "Rows whose term was over, removed or emptied.", ["rule"])
_last_run = Gauge("retention_last_run_timestamp_seconds", "When retention last ran to its end.")


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """What to delete or empty: `sql` takes the term in seconds as $1, the largest number as $2.

    It does at most so many rows and is repeated while it finds as many.
    """

    name: str
    sql: str
    term_s: float


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """How long each kind of row of the chassis is kept, in real time."""

    request_s: float = 48 * 3_600
    outbox_s: float = 14 * 24 * 3_600
    # Longer than any source keeps its feed: what can still be listed is still known here.
    inbox_s: float = 21 * 24 * 3_600
    settled_dead_event_s: float = 90 * 24 * 3_600
    sent_mail_s: float = 7 * 24 * 3_600
    given_up_mail_s: float = 30 * 24 * 3_600

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """Read the terms of a service's settings."""
        events_s = settings.events_kept_days * DAY_S
        return cls(
            request_s=settings.requests_kept_h * 3_600.0,
            outbox_s=events_s,
            inbox_s=events_s + INBOX_LONGER_S,
            settled_dead_event_s=settings.settled_dead_events_kept_days * DAY_S,
            sent_mail_s=settings.sent_mails_kept_days * DAY_S,
            given_up_mail_s=settings.given_up_mails_kept_days * DAY_S,
        )


_REQUESTS = """
DELETE FROM request WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM request
    WHERE claim_time < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""
# Only what the bus has; the newest event stays, so that the feed's end can be told.
_OUTBOX = """
DELETE FROM outbox WHERE feed_number = ANY (ARRAY(
    SELECT feed_number FROM outbox, relay_state
    WHERE feed_number <= published_through AND feed_number < last_feed_number
      AND write_time < clock_timestamp() - make_interval(secs => $1)
    ORDER BY feed_number LIMIT $2))"""
# The newest row of each aggregate stays: it says which version comes next.
_INBOX = """
DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox old
    WHERE consume_time < clock_timestamp() - make_interval(secs => $1) AND EXISTS (
        SELECT FROM inbox newer
        WHERE newer.source = old.source AND newer.aggregate_id = old.aggregate_id
          AND newer.aggregate_version > old.aggregate_version)
    LIMIT $2))"""
_DEAD_EVENTS = """
DELETE FROM dead_event WHERE event_id = ANY (ARRAY(
    SELECT event_id FROM dead_event
    WHERE state <> 'DEAD' AND settle_time < clock_timestamp() - make_interval(secs => $1)
    LIMIT $2))"""
_MAIL = """
DELETE FROM mail WHERE id = ANY (ARRAY(
    SELECT id FROM mail
    WHERE send_time < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""
_GIVEN_UP_MAIL = """
DELETE FROM mail WHERE id = ANY (ARRAY(
    SELECT id FROM mail
    WHERE send_time IS NULL AND last_problem <> ''
      AND give_up_time < clock_timestamp() - make_interval(secs => $1) LIMIT $2))"""


def chassis_rules(terms: RetentionTerms, *, mail: bool = False) -> list[RetentionRule]:
    """Give the rules for the chassis's own tables; a service adds its own."""
    rules = [
        RetentionRule("request", _REQUESTS, terms.request_s),
        RetentionRule("outbox", _OUTBOX, terms.outbox_s),
        RetentionRule("inbox", _INBOX, terms.inbox_s),
        RetentionRule("dead_event", _DEAD_EVENTS, terms.settled_dead_event_s),
    ]
    if mail:
        rules.append(RetentionRule("mail", _MAIL, terms.sent_mail_s))
        rules.append(RetentionRule("given_up_mail", _GIVEN_UP_MAIL, terms.given_up_mail_s))
    return rules


async def delete_expired(
    database: Database,
    rules: Sequence[RetentionRule],
    *,
    max_rows_per_delete: int = MAX_ROWS_PER_DELETE,
) -> dict[str, int]:
    """Apply each rule until it finds nothing more; gives the number of rows by rule."""
    deleted: dict[str, int] = {}
    for rule in rules:
        total = 0
        while True:
            tag = await database.execute(rule.sql, rule.term_s, max_rows_per_delete)
            count = int(tag.rsplit(" ", 1)[-1])
            total += count
            if count < max_rows_per_delete:
                break
            await asyncio.sleep(PAUSE_BETWEEN_DELETES_MS / 1_000)
        deleted[rule.name] = total
        _rows.labels(rule.name).inc(total)
        if total:
            _log.info("rows_expired", table=rule.name, rows=total)
    _last_run.set_to_current_time()
    return deleted
