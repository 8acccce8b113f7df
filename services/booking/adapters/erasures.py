"""Erasures under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from services.booking.domain.erasure import Erasure, ErasureState
from services.booking.domain.privacy import Person
from services.common.db.database import Database

if TYPE_CHECKING:
    from asyncpg import Record

FIRST_RETRY_WAIT_S = 2
MAX_RETRY_WAIT_S = 300
LEASE_S = 30

_COLUMNS = "id, fingerprint, account_id, order_id, subject_id, state, purchase_ids"
_FIND = f"SELECT {_COLUMNS} FROM erasure WHERE id = $1"  # noqa: S608 - ours
_OPEN = f"""
SELECT {_COLUMNS} FROM erasure WHERE account_id = $1 OR order_id = $2"""  # noqa: S608 - ours
_ADVANCE = """
UPDATE erasure SET state = $3, purchase_ids = $4, retries = 0, last_error = ''
WHERE id = $1 AND state = $2"""
_POSTPONE = """
UPDATE erasure
SET retries = retries + 1, last_error = $2,
    next_at = app_clock() + make_interval(secs => least($3 * 2 ^ least(retries, 20), $4))
WHERE id = $1 AND state <> 'DONE'"""
_DUE = "FROM erasure WHERE next_at <= (SELECT app_clock())"
ERASURES_ARE_DUE = f"(SELECT true {_DUE} ORDER BY next_at LIMIT 1)"
_TAKE_DUE = f"""
UPDATE erasure SET next_at = app_clock() + make_interval(secs => $2)
WHERE id IN (
    SELECT id {_DUE}
    ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
RETURNING {_COLUMNS}"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class StoredErasures:
    """The port `Erasures`."""

    database: Database

    async def find(self, erasure_id: UUID) -> Erasure | None:
        row = await self.database.fetchrow(_FIND, erasure_id)
        return None if row is None else _erasure_of(row)

    async def open_of(self, person: Person) -> Erasure | None:
        row = await self.database.fetchrow(_OPEN, person.account_id, person.order_id)
        return None if row is None else _erasure_of(row)

    async def advance(
        self, erasure: Erasure, state: ErasureState, purchase_ids: Sequence[UUID]
    ) -> Erasure:
        await self.database.execute(_ADVANCE, erasure.id, erasure.state, state, list(purchase_ids))
        return await self.find(erasure.id) or erasure

    async def postpone(self, erasure_id: UUID, problem: str) -> None:
        await self.database.execute(
            _POSTPONE, erasure_id, problem, float(FIRST_RETRY_WAIT_S), float(MAX_RETRY_WAIT_S)
        )

    async def take_due(self, limit: int) -> Sequence[Erasure]:
        rows = await self.database.fetch(_TAKE_DUE, limit, float(LEASE_S))
        return [_erasure_of(row) for row in rows]


def _erasure_of(row: "Record") -> Erasure:
    return Erasure(
        id=row["id"],
        fingerprint=row["fingerprint"],
        person=Person(row["account_id"], row["order_id"]),
        subject_id=row["subject_id"],
        state=ErasureState(row["state"]),
        purchase_ids=row["purchase_ids"],
    )
