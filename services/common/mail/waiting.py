"""E-mails that wait: how many, which are in trouble, and what an operator decides about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.db.database import Database
from services.common.db.transaction import Transaction
from services.common.errors import COMMON_DOMAIN, DomainError, ErrorKind
from services.common.operators import Operator

DISCARDED = "DISCARDED"

# What went wrong is said, and neither sent nor discarded: the index `mail_in_trouble` has these.
_IN_TROUBLE = f"send_time IS NULL AND last_problem <> '' AND last_problem <> '{DISCARDED}'"
_LIST = f"""
SELECT id, kind, attempts, last_problem, create_time, next_attempt_time, give_up_time
FROM mail
WHERE {_IN_TROUBLE} AND ($1::timestamptz IS NULL OR (create_time, id) > ($1, $2))
ORDER BY create_time, id LIMIT $3"""  # noqa: S608 - a constant of ours
# A repeat finds it as it is then. What is sent cannot be sent again from here.
_RETRY = """
UPDATE mail
SET attempts = 0, next_attempt_time = clock_timestamp(), give_up_time = NULL
WHERE id = $1 AND send_time IS NULL AND last_problem <> $2"""
_DISCARD = """
UPDATE mail SET give_up_time = clock_timestamp(), last_problem = $2
WHERE id = $1 AND send_time IS NULL"""
_EXISTS = "SELECT EXISTS (SELECT FROM mail WHERE id = $1)"
_COUNT = f"""
SELECT count(*) FILTER (WHERE last_problem = '') AS new,
    count(*) FILTER (WHERE last_problem <> '') AS retried,
    (SELECT count(*) FROM mail WHERE {_IN_TROUBLE} AND give_up_time IS NOT NULL) AS given_up,
    coalesce(extract(epoch FROM clock_timestamp() - min(create_time)), 0)::float8 AS oldest_s
FROM mail WHERE send_time IS NULL AND give_up_time IS NULL"""  # noqa: S608 - a constant of ours


class MailNotFoundError(DomainError):
    """No e-mail has this ID."""

    kind = ErrorKind.NOT_FOUND
    reason = "MAIL_NOT_FOUND"
    domain = COMMON_DOMAIN

    def __init__(self, mail_id: UUID) -> None:
        super().__init__(f"There is no e-mail {mail_id}.", id=mail_id)


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """How many e-mails wait, by how they fare, and how long the oldest has been waiting."""

    new: int
    retried: int
    given_up: int
    oldest_s: float


@dataclass(frozen=True, slots=True)
class TroubledMail:
    """An e-mail that was not sent at the first try; whom it is for is not told."""

    id: UUID
    kind: str
    attempts: int
    last_problem: str
    create_time: datetime
    next_attempt_time: datetime
    give_up_time: datetime | None

    @property
    def is_given_up(self) -> bool:
        return self.give_up_time is not None


async def count_waiting(database: Database) -> WaitingCounts:
    """Count what is not sent."""
    row: Any = await database.fetchrow(_COUNT)
    return WaitingCounts(**dict(row))


@dataclass(frozen=True, slots=True)
class TroubledMails:
    """The e-mails of one service's database that are in trouble."""

    database: Database

    async def list(
        self, *, after: tuple[datetime, UUID] | None, page_size: int
    ) -> Sequence[TroubledMail]:
        """List them, oldest first, after the keyset (create time, ID)."""
        time, mail_id = after or (None, None)
        rows = await self.database.fetch(_LIST, time, mail_id, page_size)
        return [TroubledMail(**dict(row)) for row in rows]

    async def retry(self, mail_id: UUID, operator: Operator) -> None:
        """Let it be sent at once, with all its attempts before it; nothing when it is sent."""
        await self._decide(mail_id, _RETRY, (DISCARDED,), "RetryMail", operator)

    async def discard(self, mail_id: UUID, operator: Operator) -> None:
        """Give it up for good; the row stays a while. Nothing when it is sent."""
        await self._decide(mail_id, _DISCARD, (DISCARDED,), "DiscardMail", operator)

    async def _decide(
        self, mail_id: UUID, query: str, more: tuple[str, ...], action: str, operator: Operator
    ) -> None:
        async with self.database.transaction() as tx:
            await self._must_exist(tx, mail_id)
            if await tx.driver.execute(query, mail_id, *more) != "UPDATE 0":
                await tx.audit.add(operator.entry(action, f"mail/{mail_id}"))
            await tx.commit()

    async def _must_exist(self, tx: Transaction, mail_id: UUID) -> None:
        if not await tx.driver.fetchval(_EXISTS, mail_id):
            raise MailNotFoundError(mail_id)
