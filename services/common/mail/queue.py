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

FIRST_RETRY_WAIT_S = 2
MAX_RETRY_WAIT_S = 900
MAX_SEND_ATTEMPTS = 50
MAX_PROBLEM_LENGTH = 300
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
# Losing a take in a crash only sends again, so its commit need not wait for the disk.
_TAKE = """
WITH loose AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE mail
SET attempts = attempts + 1,
    next_attempt_time = clock_timestamp() + make_interval(secs => $2)
FROM loose
WHERE id = ANY (ARRAY(
    SELECT id FROM mail
    WHERE send_time IS NULL AND give_up_time IS NULL AND next_attempt_time <= clock_timestamp()
    ORDER BY next_attempt_time FOR UPDATE SKIP LOCKED LIMIT $1))
RETURNING id, kind, recipient, facts::text AS facts, attempts"""
_SENT = "UPDATE mail SET send_time = clock_timestamp(), last_problem = '' WHERE id = ANY ($1)"
_FAILED = """
UPDATE mail
SET next_attempt_time = clock_timestamp()
        + make_interval(secs => least($3 * 2 ^ least(attempts - 1, 20), $4) * (0.5 + random() / 2)),
    last_problem = $2,
    give_up_time = CASE WHEN attempts >= $5 THEN clock_timestamp() END
WHERE id = $1"""


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
        [json.dumps(dict(mail.facts)) for mail in mails],
    )
    return {row["key"] for row in rows}


async def enqueue_mail(
    tx: Transaction, *, key: str, kind: str, recipient: str, facts: Mapping[str, Any]
) -> None:
    """Put an e-mail into the queue, once per `key` such as ``order-confirmed:<id>``.

    `facts` are JSON values that the renderer of `kind` needs; secrets are fetched when sending.
    """
    mail_id = uuid5(_KEYS, key)
    await tx.driver.execute(_ADD, mail_id, key, kind, recipient, json.dumps(dict(facts)))


async def take_due(database: Database, limit: int) -> list[Mail]:
    """Take e-mails that are due; nobody else gets them before `SEND_TERM_S` has passed."""
    return [_read(row) for row in await database.fetch(_TAKE, limit, SEND_TERM_S)]


async def note_sent(database: Database, mails: Sequence[Mail]) -> None:
    """Note that the mail server took them."""
    await database.execute(_SENT, [mail.id for mail in mails])


async def note_failed(database: Database, mail: Mail, problem: str) -> None:
    """Note what went wrong, and try again later; after `MAX_SEND_ATTEMPTS` no more."""
    await database.execute(
        _FAILED,
        mail.id,
        problem[:MAX_PROBLEM_LENGTH],
        float(FIRST_RETRY_WAIT_S),
        float(MAX_RETRY_WAIT_S),
        MAX_SEND_ATTEMPTS,
    )


def _read(row: Record) -> Mail:
    return Mail(row["id"], row["kind"], row["recipient"], json.loads(row["facts"]), row["attempts"])
