"""Append-only rows about what members of staff did, each chained to the one before by a digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from services.common.db.outbox import Executor

# One statement: the head row is locked and moved on, and the entry is made of what the head became.
_ADD = """
WITH head AS (
    UPDATE audit_head
    SET number = number + 1,
        occur_time = app_clock(),
        digest = audit_digest(digest, number + 1, $1, $2, $3, $4, $5, $6, $7)
    RETURNING number, occur_time, digest
)
INSERT INTO audit (number, occur_time, actor, roles, action, subject, request_id, before_hash,
                   after_hash, digest)
SELECT number, occur_time, $1, $2, $3, $4, $5, $6, $7, digest FROM head"""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who of the staff did what to which thing.

    `before` and `after` are the canonical bytes of the thing's state; only their SHA-256 is kept,
    so that the row proves a state without holding personal data.
    """

    actor: str
    roles: Sequence[str]
    action: str
    subject: str
    request_id: str
    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of one transaction."""

    executor: Executor

    async def add(self, entry: AuditEntry) -> None:
        """Add an entry; call it last, because the chain's head stays locked until the commit."""
        await self.executor.execute(
            _ADD,
            entry.actor,
            list(entry.roles),
            entry.action,
            entry.subject,
            entry.request_id,
            hashlib.sha256(entry.before).digest(),
            hashlib.sha256(entry.after).digest(),
        )
