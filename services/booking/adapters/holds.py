"""The port `Holds`: holds written in one statement, or under the board's lock; and read."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

import asyncpg
from asyncpg import Record

from services.booking.adapters.hold_rows import HOLD_COLUMNS, hold_made, hold_of, suggestion_of
from services.booking.adapters.hold_writing import Holding, holding_of, write_holds
from services.booking.adapters.locked_holds import write_locked
from services.booking.adapters.seat_maps import SeatMapReader, map_of
from services.booking.adapters.transactions import BookingTransactions
from services.booking.domain.caller_limits import CallerHolds, CallerLimits
from services.booking.domain.errors import HoldNotFoundError
from services.booking.domain.hold import Hold
from services.booking.domain.seats import SeatMap, SeatState
from services.booking.use_cases.new_hold import Draft, NewHold
from services.booking.use_cases.ports import Attempt, TakenSeat
from services.common.bounded_cache import BoundedCache
from services.common.db.database import Database
from services.common.db.together import Together
from services.common.errors import RepeatedRequest, RequestIdReusedError
from services.common.gathering import Gathering
from services.common.requests import RequestKey

MAX_MADE_HOLDS = 2_000

_TAKEN = """
SELECT screening_id, seat_id, state, state = 'HELD' AND expires_at <= app_clock() AS lapsed
FROM unnest($1::uuid[], $2::text[]) AS wanted (screening_id, seat_id)
JOIN seat_claim USING (screening_id, seat_id)"""

_READ = f"""
SELECT {HOLD_COLUMNS}, app_clock() AS now
FROM unnest($1::uuid[], $2::uuid[]) AS wanted (screening_id, id) JOIN hold USING (screening_id, id)"""  # noqa: S608 - a constant of ours

_ANSWERED = """
SELECT principal, method, request_id, fingerprint, work_id, answer
FROM unnest($1::text[], $2::text[], $3::uuid[]) AS asked (principal, method, request_id)
JOIN request USING (principal, method, request_id)"""


@dataclass(slots=True)
class HoldStore:
    """Holds of one database; what comes at the same time is written, and read, together.

    `limits` bound what one caller has.
    """

    database: Database
    transactions: BookingTransactions
    maps: SeatMapReader
    limits: CallerLimits
    _made: BoundedCache[UUID, Hold] = field(
        default_factory=lambda: BoundedCache(MAX_MADE_HOLDS), init=False
    )
    _writing: Together[Holding, Record] = field(init=False)
    _reading: Gathering[tuple[UUID, UUID], Hold | None] = field(init=False)
    _taken: Gathering[tuple[UUID, Sequence[str]], list[TakenSeat]] = field(init=False)
    _answers: Gathering[tuple[str, str, UUID], Record | None] = field(init=False)

    def __post_init__(self) -> None:
        self._writing = Together(partial(write_holds, self.database, limits=self.limits))
        self._reading = Gathering(self._read)
        self._taken = Gathering(self._read_taken)
        self._answers = Gathering(self._read_answers)

    async def write_at_once(self, new: NewHold, seen: SeatMap, key: RequestKey) -> Attempt:
        asked_at = time.monotonic()
        try:
            row = await self._writing(holding_of(new, seen, key))
        except asyncpg.UniqueViolationError as violation:
            if violation.constraint_name != "request_pkey":
                return Attempt(None, claims_differ=True)
            await self.replay(new.screening_id, key)
            raise
        except asyncpg.NotNullViolationError:
            # Sales ended while the board was waited for: its lock tells.
            return Attempt(None, claims_differ=True)
        if row is None:
            return Attempt(None)
        self.maps.remember(map_of(row), asked_at)
        if row["now"] is None:
            return Attempt(None, CallerHolds(*row["holds"]))
        self.database.note(new.screening_id)
        hold = hold_made(new, row["epoch"], row["revision"], row["now"])
        self._made.put(hold.id, hold)
        return Attempt(hold)

    async def write_locked(self, draft: Draft, key: RequestKey) -> Attempt:
        async def work() -> Attempt:
            async with self.transactions() as tx:
                attempt = await write_locked(tx, draft, key, self.limits)
                await tx.commit()
                return attempt

        try:
            return await self.database.run_with_retry(work)
        except asyncpg.UniqueViolationError:
            await self.replay(draft.screening_id, key)
            raise

    async def taken(self, screening_id: UUID, seat_ids: Sequence[str]) -> list[TakenSeat]:
        return await self._taken.ask((screening_id, seat_ids))

    async def replay(self, screening_id: UUID, key: RequestKey) -> None:
        answered = await self._answers.ask((key.principal, key.method, key.request_id))
        if answered is None:
            return
        if answered["fingerprint"] != key.fingerprint:
            raise RequestIdReusedError(key.request_id)
        hold = await self.get(screening_id, answered["work_id"])
        first = replace(hold.as_made(), suggestion=suggestion_of(answered["answer"]))
        raise RepeatedRequest(key.pack(first))

    def recall(self, hold_id: UUID) -> Hold | None:
        hold = self._made.get(hold_id)
        self._made.forget(hold_id)
        return hold

    async def get(self, screening_id: UUID, hold_id: UUID) -> Hold:
        hold = await self._reading.ask((screening_id, hold_id))
        if hold is None:
            raise HoldNotFoundError(hold_id)
        return hold

    async def _read(self, keys: Sequence[tuple[UUID, UUID]]) -> Sequence[Hold | None]:
        rows = await self.database.fetch(_READ, *zip(*keys, strict=True))
        holds = {(row["screening_id"], row["id"]): hold_of(row, read_at=row["now"]) for row in rows}
        return [holds.get(key) for key in keys]

    async def _read_taken(
        self, wishes: Sequence[tuple[UUID, Sequence[str]]]
    ) -> Sequence[list[TakenSeat]]:
        wanted = {(screening_id, seat) for screening_id, seats in wishes for seat in seats}
        rows = await self.database.fetch(_TAKEN, *zip(*wanted, strict=True))
        taken = {
            (row["screening_id"], row["seat_id"]): TakenSeat(
                row["seat_id"], SeatState[row["state"]], lapsed=row["lapsed"]
            )
            for row in rows
        }
        return [
            [taken[screening_id, seat] for seat in seats if (screening_id, seat) in taken]
            for screening_id, seats in wishes
        ]

    async def _read_answers(self, keys: Sequence[tuple[str, str, UUID]]) -> Sequence[Record | None]:
        rows = await self.database.fetch(_ANSWERED, *zip(*keys, strict=True))
        answers = {(row["principal"], row["method"], row["request_id"]): row for row in rows}
        return [answers.get(key) for key in keys]
