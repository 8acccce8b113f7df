"""What is offered to orders, in PostgreSQL: one row for each order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Record

from services.booking.adapters.order_saving import Runner
from services.booking.adapters.retry_wait import RETRY_WAIT
from services.booking.domain.offered_remedy import OfferCause, OfferedRemedy, OfferState
from services.booking.domain.remedy import RemedyKind
from services.common.db.retention import RetentionRule
from services.common.db.together import columns

MAX_ERROR_CHARACTERS = 200

_NAMES = (
    "screening_id, order_id, id, version, cause, kind, state, changed_at, closes_at, remind_at,"
    " next_at, retries, last_error"
)
_TYPES = ("uuid", "uuid", "uuid", "bigint", *["text"] * 3, *["timestamptz"] * 4, "integer", "text")
_VALUES = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(_TYPES, start=1))
# One that is over stays so, unless something else has happened to the screening since.
_SAVE = f"""
INSERT INTO remedy_offer ({_NAMES}) SELECT * FROM unnest({_VALUES})
ON CONFLICT (screening_id, order_id) DO UPDATE
SET id = excluded.id, version = excluded.version, cause = excluded.cause, kind = excluded.kind,
    state = excluded.state, changed_at = excluded.changed_at, closes_at = excluded.closes_at,
    remind_at = excluded.remind_at, next_at = excluded.next_at, retries = 0, last_error = ''
WHERE remedy_offer.version < excluded.version"""  # noqa: S608 - constants of ours
_WITHDRAW = """
UPDATE remedy_offer SET state = 'WITHDRAWN', remind_at = NULL, next_at = NULL
WHERE screening_id = $1 AND order_id = ANY($2) AND state = 'OPEN'"""
_READ = f"""
SELECT {_NAMES} FROM remedy_offer WHERE screening_id = $1 AND order_id = $2"""  # noqa: S608
_DUE = "FROM remedy_offer WHERE state = 'OPEN' AND next_at <= (SELECT app_clock())"
OFFERS_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_at LIMIT 1)"
# Who takes one keeps the others away for a while.
_TAKE_DUE = f"""
UPDATE remedy_offer SET next_at = app_clock() + make_interval(secs => $2)
WHERE (screening_id, order_id) IN (
    SELECT screening_id, order_id {_DUE}
    ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING {_NAMES}"""  # noqa: S608 - constants of ours
_MOVE = """
UPDATE remedy_offer SET state = $4, remind_at = $5, next_at = $6, retries = 0, last_error = ''
WHERE screening_id = $1 AND order_id = $2 AND id = $3 AND state = 'OPEN' RETURNING id"""
_TAKE = """
UPDATE remedy_offer SET state = 'TAKEN', remind_at = NULL, next_at = NULL
WHERE screening_id = $1 AND order_id = $2 AND state = 'OPEN'"""
_FAILED = f"""
UPDATE remedy_offer
SET retries = retries + 1, last_error = $4, next_at = app_clock() + {RETRY_WAIT}
WHERE screening_id = $1 AND order_id = $2 AND id = $3 AND state = 'OPEN'"""  # noqa: S608 - ours


# Longer than anybody asks what was offered, and when.
OFFERS_KEPT_S = 400 * 24 * 3_600.0
_DELETE_OLD = """
DELETE FROM remedy_offer WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM remedy_offer
    WHERE state <> 'OPEN' AND closes_at < clock_timestamp() - make_interval(secs => $1)
    LIMIT $2))"""


def remedy_offer_retention() -> RetentionRule:
    """Give the rule for offers that were over long ago."""
    return RetentionRule("remedy_offer", _DELETE_OLD, OFFERS_KEPT_S)


@dataclass(frozen=True, slots=True)
class RemedyOfferRows:
    """The ports `RemedyOffers` and `OffersOfTx`, on a transaction or on the database."""

    runner: Runner

    async def of(self, screening_id: UUID, order_id: UUID) -> OfferedRemedy | None:
        row = await self.runner.fetchrow(_READ, screening_id, order_id)
        return None if row is None else _offered(row)

    async def save_all(self, offers: Sequence[OfferedRemedy]) -> None:
        rows = [_row(offer) for offer in offers]
        await self.runner.fetch(_SAVE, *columns(rows, len(_TYPES)))

    async def withdraw(self, screening_id: UUID, order_ids: Sequence[UUID]) -> None:
        await self.runner.fetch(_WITHDRAW, screening_id, list(order_ids))

    async def take_due(self, limit: int, lease_s: float) -> Sequence[OfferedRemedy]:
        return [_offered(row) for row in await self.runner.fetch(_TAKE_DUE, limit, lease_s)]

    async def move(self, offer: OfferedRemedy) -> bool:
        row = await self.runner.fetchrow(
            _MOVE, *_key(offer), offer.state, offer.remind_at, offer.next_at
        )
        return row is not None

    async def take(self, screening_id: UUID, order_id: UUID) -> None:
        await self.runner.fetchrow(_TAKE, screening_id, order_id)

    async def failed(self, offer: OfferedRemedy, problem: str) -> None:
        await self.runner.fetchrow(_FAILED, *_key(offer), problem[:MAX_ERROR_CHARACTERS])


def _key(offer: OfferedRemedy) -> tuple[UUID, UUID, UUID]:
    return offer.screening_id, offer.order_id, offer.id


def _row(offer: OfferedRemedy) -> tuple[Any, ...]:
    return (
        *(offer.screening_id, offer.order_id, offer.id, offer.version),
        *(offer.cause, offer.kind, offer.state),
        *(offer.changed_at, offer.closes_at, offer.remind_at, offer.next_at),
        *(offer.retries, offer.last_error),
    )


def _offered(row: Record) -> OfferedRemedy:
    return OfferedRemedy(
        **dict(row)
        | {
            "cause": OfferCause(row["cause"]),
            "kind": RemedyKind(row["kind"]),
            "state": OfferState(row["state"]),
        }
    )
