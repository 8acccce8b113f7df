"""Append-only rows about what members of staff did, each chained to the one before by a digest."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.common.db.outbox import Executor


def audit_ctes(first: int, when: str = "true") -> str:
    """Write the CTEs that add an entry, for a hot path's own single statement.

    Its values are `audit_arguments`, numbered from `first` on. The head's row is locked and moved on,
    and the entry is made of what the head became. `when` must read what the entry is about, so that
    the head is locked last.
    """
    values = ", ".join(f"${number}" for number in range(first, first + 5))
    hashes = f"${first + 5}, ${first + 6}"
    return f"""
audit_head_moved AS (
    UPDATE audit_head
    SET number = number + 1,
        occur_time = app_clock(),
        digest = audit_digest(digest, number + 1, {values}, {hashes})
    WHERE {when}
    RETURNING number, occur_time, digest
), audited AS (
    INSERT INTO audit (number, occur_time, actor, roles, action, subject, request_id, before_hash,
                       after_hash, digest)
    SELECT number, occur_time, {values}, {hashes}, digest FROM audit_head_moved
    RETURNING number
)"""  # noqa: S608 - our own text


_ADD = f"WITH {audit_ctes(1)} SELECT number FROM audited"  # noqa: S608 - our own text


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
        await self.executor.execute(_ADD, *audit_arguments(entry))


def audit_arguments(entry: AuditEntry) -> tuple[Any, ...]:
    """Give an entry's values in the order of `audit_ctes`."""
    return (
        entry.actor,
        list(entry.roles),
        entry.action,
        entry.subject,
        entry.request_id,
        hashlib.sha256(entry.before).digest(),
        hashlib.sha256(entry.after).digest(),
    )
