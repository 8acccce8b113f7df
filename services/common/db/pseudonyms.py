"""Makes a person's rows nobody's in the chassis's own tables: a random ID takes the person's place.

Requests with their answers go. Events stay what they were, in every copy that is ours, but name the
random ID; what the bus still holds of them is purged once the relay has published what it read
before (`bus/purge.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.common.db.transaction import Transaction

_NOTHING = "UPDATE 0"
_REQUESTS = "DELETE FROM request WHERE principal = ANY($1)"
_ANSWERS_TO_STAFF = """
DELETE FROM request WHERE principal LIKE 'staff:%' AND EXISTS (
    SELECT FROM unnest($1::text[]) AS id WHERE position(convert_to(id, 'UTF8') IN answer) > 0)"""
# An ID as text is as long as any other, so that a payload remains a message. Once in each payload:
# it is repeated until nothing is found.
_RENAMED = """overlay(payload PLACING convert_to($2, 'UTF8')
        FROM position(convert_to($1, 'UTF8') IN payload))"""
_NAMES = "position(convert_to($1, 'UTF8') IN payload) > 0"
_OUTBOX = f"""
UPDATE outbox SET payload = {_RENAMED} WHERE aggregate_id = ANY($3) AND {_NAMES}"""  # noqa: S608 - ours
_AGGREGATE = "UPDATE {table} SET aggregate_id = $2 WHERE aggregate_id = $1"
_INBOX = """
UPDATE inbox SET aggregate_id = $2
WHERE source IN (SELECT source FROM feed_position) AND aggregate_id = $1"""
_WAITING = "UPDATE {table} SET payload = {renamed} WHERE {names}"
# Numbered or not, what the relay read before this moment has a number up to this one.
_PURGE = """
INSERT INTO bus_purge (aggregate_id, after_feed_number)
SELECT id, last_feed_number FROM unnest($1::text[]) AS id, relay_state
ON CONFLICT (aggregate_id) DO UPDATE SET after_feed_number = excluded.after_feed_number"""


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """`person` is the ID that is to be nowhere any more, `subject` the random one in its place."""

    person: UUID
    subject: UUID


async def forget_requests(tx: Transaction, principals: Sequence[str]) -> None:
    """Delete requests with their kept answers."""
    await tx.driver.execute(_REQUESTS, list(principals))


async def forget_answers_to_staff(tx: Transaction, ids: Sequence[str]) -> None:
    """Delete requests of staff whose kept answers are about these things."""
    await tx.driver.execute(_ANSWERS_TO_STAFF, list(ids))


async def rename_in_events(
    tx: Transaction, pseudonym: Pseudonym, aggregate_ids: Sequence[str]
) -> None:
    """Let the events of these aggregates, and whatever waits here of others', name the subject."""
    person, subject = str(pseudonym.person), str(pseudonym.subject)
    driver = tx.driver
    await _until_nothing(tx, _OUTBOX, person, subject, list(aggregate_ids))
    await driver.execute(_AGGREGATE.format(table="outbox"), person, subject)
    await driver.execute(_INBOX, person, subject)
    for table in ("parked_event", "dead_event"):
        waiting = _WAITING.format(table=table, renamed=_RENAMED, names=_NAMES)
        await _until_nothing(tx, waiting, person, subject)
        await driver.execute(_AGGREGATE.format(table=table), person, subject)
    await driver.execute(_PURGE, list(aggregate_ids))


async def _until_nothing(tx: Transaction, statement: str, *values: Any) -> None:
    while await tx.driver.execute(statement, *values) != _NOTHING:
        pass
