"""The queue of e-mails: written in the transaction of the work, sent by a worker.

An e-mail may be sent twice, never lost. Its Message-ID is the same each time, so that mailboxes
can tell.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from asyncpg import Record

from services.common.db.database import Database
from services.common.db.transaction import Transaction

MAX_RETRY_WAIT_S = 900
MAX_PROBLEM_LENGTH = 300
MAX_FACTS_BYTES = 16_384
MAX_RECIPIENT_CHARACTERS = 254
# How long one sender has for an e-mail before another may try.
SEND_TERM_S = 60

_KEYS = UUID("4f6a1c52-9d3e-4a55-8f7a-5f0d7f0a7b11")

_ADD = """
INSERT INTO mail (id, key, kind, recipient, facts) VALUES ($1, $2, $3, $4, $5::jsonb)
ON CONFLICT (key) DO NOTHING"""
_ADD_ALL = """
INSERT INTO mail (id, key, kind, recipient, facts)
SELECT id, key, kind, recipient, facts::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS new (id, key, kind, recipient, facts)
ON CONFLICT (key) DO NOTHING RETURNING key"""
_DUE = """
FROM mail
WHERE send_time IS NULL AND give_up_time IS NULL AND next_attempt_time <= clock_timestamp()"""
MAILS_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_attempt_time LIMIT 1)"
# Losing a take in a crash only sends again, so its commit need not wait for the disk.
_TAKE = f"""
WITH loose AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE mail
SET attempts = attempts + 1,
    next_attempt_time = clock_timestamp() + make_interval(secs => $2)
FROM loose
WHERE id = ANY (
    ARRAY(SELECT id {_DUE} AND attempts = 0
        ORDER BY next_attempt_time FOR UPDATE SKIP LOCKED LIMIT $1)
    || ARRAY(SELECT id {_DUE} AND attempts > 0
        ORDER BY next_attempt_time FOR UPDATE SKIP LOCKED LIMIT $3))
RETURNING id, kind, recipient, facts::text AS facts, attempts"""  # noqa: S608 - ours
_SENT = "UPDATE mail SET send_time = clock_timestamp(), last_problem = '' WHERE id = ANY ($1)"
_FAILED = """
UPDATE mail
SET next_attempt_time = clock_timestamp()
        + make_interval(secs => least($3 * 2 ^ least(attempts - 1, 20), $4) * (0.5 + random() / 2)),
    last_problem = $2,
    give_up_time = CASE WHEN attempts >= $5 THEN clock_timestamp() END
WHERE id = $1 RETURNING give_up_time IS NOT NULL"""
_POSTPONED = """
UPDATE mail
SET attempts = attempts - 1,
    next_attempt_time = clock_timestamp() + make_interval(secs => $3),
    last_problem = $2
WHERE id = $1 AND send_time IS NULL AND attempts > 0"""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to be sent: what it is about, not its text, which is made when it is sent."""

    id: UUID
    kind: str
    recipient: str
    facts: Mapping[str, Any]
    attempts: int = 0

    def message_id(self, domain: str) -> str:
        """Give the Message-ID, the same on each attempt."""
        return f"<{self.id}@{domain}>"


@dataclass(frozen=True, slots=True)
class NewMail:
    """An e-mail for the queue, once for each `key`; see `enqueue_mail`."""

    key: str
    kind: str
    recipient: str
    facts: Mapping[str, Any]


async def enqueue_mails(tx: Transaction, mails: Sequence[NewMail]) -> set[str]:
    """Put many e-mails into the queue in one statement; gives the keys that were not in it before."""
    rows = await tx.driver.fetch(
        _ADD_ALL,
        [uuid5(_KEYS, mail.key) for mail in mails],
        [mail.key for mail in mails],
        [mail.kind for mail in mails],
        [mail.recipient for mail in mails],
        [_facts_text(mail.kind, mail.recipient, mail.facts) for mail in mails],
    )
    return {row["key"] for row in rows}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on with an e-mail: the first wait, doubled each time, and how often."""

    first_wait_s: int
    max_attempts: int


async def enqueue_mail(
    tx: Transaction, *, key: str, kind: str, recipient: str, facts: Mapping[str, Any]
) -> None:
    """Put an e-mail into the queue, once per `key` such as ``order-confirmed:<id>``.

    `facts` are JSON values that the renderer of `kind` needs; secrets are fetched when sending.
    ValueError when they, or the address, are longer than an e-mail of ours ever needs.
    """
    text = _facts_text(kind, recipient, facts)
    await tx.driver.execute(_ADD, uuid5(_KEYS, key), key, kind, recipient, text)


async def take_due(database: Database, limit: int, *, retry_limit: int = 0) -> list[Mail]:
    """Take e-mails that are due; nobody else gets them before `SEND_TERM_S` has passed.

    At most `limit` that were never tried, and `retry_limit` that were.
    """
    rows = await database.fetch(_TAKE, limit, SEND_TERM_S, retry_limit)
    return [_read(row) for row in rows]


async def note_sent(database: Database, mails: Sequence[Mail]) -> None:
    """Note that the mail server took them."""
    await database.execute(_SENT, [mail.id for mail in mails])


async def note_failed(database: Database, mail: Mail, problem: str, patience: Patience) -> bool:
    """Note what went wrong, and try again later; True when it is given up."""
    given_up: bool | None = await database.fetchval(
        _FAILED,
        mail.id,
        problem[:MAX_PROBLEM_LENGTH],
        float(patience.first_wait_s),
        float(MAX_RETRY_WAIT_S),
        patience.max_attempts,
    )
    return bool(given_up)


async def note_postponed(database: Database, mail: Mail, problem: str, wait_s: float) -> None:
    """Note that nobody could be asked to send it: that counts as no attempt."""
    await database.execute(_POSTPONED, mail.id, problem[:MAX_PROBLEM_LENGTH], wait_s)


def _facts_text(kind: str, recipient: str, facts: Mapping[str, Any]) -> str:
    text = json.dumps(dict(facts))
    if len(text) > MAX_FACTS_BYTES or len(recipient) > MAX_RECIPIENT_CHARACTERS:
        raise ValueError(f"an e-mail of kind {kind} is too large for the queue")
    return text


def _read(row: Record) -> Mail:
    return Mail(row["id"], row["kind"], row["recipient"], json.loads(row["facts"]), row["attempts"])
