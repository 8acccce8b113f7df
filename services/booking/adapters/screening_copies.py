"""Booking's copies of screenings and seat plans: read, and stored under the board's lock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from cinema.catalog.v1.sales_facts_service_pb2 import GetSalesFactsResponse
from cinema.catalog.v1.seat_plan_pb2 import SeatPlan as SeatPlanMessage

from services.booking.adapters.facts_messages import facts_of, plan_of
from services.booking.adapters.plan_blocks import write_blocks
from services.booking.domain.screening import ScreeningFacts, ScreeningState
from services.booking.domain.seats import SeatPlan, SeatState, with_states
from services.common.db.database import Database
from services.common.db.transaction import Transaction

# What catalog puts before a policy's code to name the aggregate of its terms.
POLICY_PREFIX = "policy:"

_BEFORE = """
SELECT clock_timestamp() AS now,
       (SELECT facts_version FROM screening_board WHERE screening_id = $1) AS facts_version"""
_LOAD = """
SELECT board.facts_version, copy.facts, copy.stale,
       extract(epoch FROM clock_timestamp() - copy.fetched_at)::float8 AS age_s
FROM screening_board board JOIN screening_copy copy USING (screening_id)
WHERE board.screening_id = $1"""
_LOAD_PLAN = "SELECT plan FROM seat_plan_copy WHERE seat_plan_id = $1"
_ADD_PLAN = """
INSERT INTO seat_plan_copy (seat_plan_id, plan, seats) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"""
_ADD_BOARD = """
INSERT INTO screening_board (screening_id, sales_state, sales_from, sales_until, seat_states)
VALUES ($1, 'STOPPED', $2, $3, '') ON CONFLICT DO NOTHING"""
_LOCK = """
SELECT facts_version, seat_plan_id, seat_states FROM screening_board WHERE screening_id = $1
FOR UPDATE"""
# Told after we asked: catalog's answer may be the older one.
_TOLD_SINCE = """
SELECT EXISTS (SELECT FROM inbox
               WHERE source = 'catalog' AND aggregate_id = ANY($1) AND consume_time >= $2)"""
_IS_STALE = "SELECT stale FROM screening_copy WHERE screening_id = $1"
_HAS_ORDERED_SEATS = """
SELECT EXISTS (SELECT FROM seat_claim c
               LEFT JOIN hold h ON h.screening_id = c.screening_id AND h.id = c.hold_id
               WHERE c.screening_id = $1 AND c.state <> 'BLOCKED'
                 AND h.state IS DISTINCT FROM 'ACTIVE')"""
# The seats are moved, and not all who lost theirs are dealt with.
_IS_MOVING = """
SELECT EXISTS (SELECT FROM screening_job
               WHERE screening_id = $1 AND kind = 'MOVE' AND state = 'RUNNING')"""
# Whoever holds seats of a plan that goes could not order them any more.
_GIVE_UP_HOLDS = """
WITH given_up AS (
    UPDATE hold SET state = 'RELEASED' WHERE screening_id = $1 AND state = 'ACTIVE' RETURNING id
)
DELETE FROM seat_claim c USING given_up WHERE c.screening_id = $1 AND c.hold_id = given_up.id"""
_WRITE_BOARD = """
UPDATE screening_board
SET facts_version = facts_version + 1, sales_state = $2, sales_from = $3, sales_until = $4,
    revision = revision + CASE WHEN seat_states = $6 THEN 0 ELSE 1 END,
    seat_plan_id = $5, seat_states = $6
WHERE screening_id = $1"""
_WRITE_COPY = """
INSERT INTO screening_copy (screening_id, facts, version, cinema_id, policy_code, seat_plan_id,
                            starts_at, ends_at, state, stale, fetched_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, $10)
ON CONFLICT (screening_id) DO UPDATE
SET facts = excluded.facts, version = excluded.version, cinema_id = excluded.cinema_id,
    policy_code = excluded.policy_code, seat_plan_id = excluded.seat_plan_id,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, state = excluded.state,
    stale = false, fetched_at = excluded.fetched_at"""


@dataclass(frozen=True, slots=True)
class Before:
    """What was known when catalog was asked: the database's real clock and the facts version."""

    now: datetime
    facts_version: int | None


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """A copy as it is stored. `stale`: catalog said that something has changed since."""

    facts: ScreeningFacts
    stale: bool
    age_s: float


@dataclass(frozen=True, slots=True)
class ScreeningCopies:
    """The tables of copies. Storing takes the board's lock and makes the board when it is new."""

    database: Database

    async def before(self, screening_id: UUID) -> Before:
        """Note what is known now; call it before asking catalog."""
        row = await self.database.fetchrow(_BEFORE, screening_id)
        if row is None:
            raise LookupError("a SELECT without FROM has a row")
        return Before(row["now"], row["facts_version"])

    async def load(self, screening_id: UUID) -> StoredFacts | None:
        """Read a copy."""
        row = await self.database.fetchrow(_LOAD, screening_id)
        if row is None:
            return None
        answer = GetSalesFactsResponse.FromString(row["facts"])
        facts = facts_of(answer, facts_version=row["facts_version"])
        return StoredFacts(facts, row["stale"], row["age_s"])

    async def load_plan(self, seat_plan_id: UUID) -> SeatPlan | None:
        """Read a seat plan."""
        plan = await self.database.fetchval(_LOAD_PLAN, seat_plan_id)
        return None if plan is None else plan_of(SeatPlanMessage.FromString(plan))

    async def store(self, answer: GetSalesFactsResponse, before: Before) -> bool:
        """Store catalog's answer.

        False, and nothing is stored, when something was told since it was asked: ask again. A
        copy that somebody else has stored meanwhile is as good as ours.
        """
        facts = facts_of(answer)
        async with self.database.transaction() as tx:
            plan = await _store_plan(tx, answer)
            await tx.driver.execute(
                _ADD_BOARD, facts.screening_id, facts.sales_start_time, facts.sales_end_time
            )
            board = await tx.driver.fetchrow(_LOCK, facts.screening_id)
            if board is None:
                raise LookupError("the board was there a statement ago")
            if before.facts_version is None:
                told = await tx.driver.fetchval(_TOLD_SINCE, _aggregates(facts), before.now)
                if told:
                    return False
            elif board["facts_version"] != before.facts_version:
                return not await tx.driver.fetchval(_IS_STALE, facts.screening_id)
            await _write_board(tx, facts, board, plan)
            await _write_copy(tx, answer, facts, before.now)
            await tx.commit()
        return True


async def _store_plan(tx: Transaction, answer: GetSalesFactsResponse) -> SeatPlan | None:
    if not answer.HasField("seat_plan") or not answer.seat_plan.rows:
        return None
    plan = plan_of(answer.seat_plan)
    encoded = answer.seat_plan.SerializeToString()
    await tx.driver.execute(_ADD_PLAN, plan.id, encoded, len(plan.seats))
    return plan


async def _write_board(
    tx: Transaction, facts: ScreeningFacts, board: Record, plan: SeatPlan | None
) -> None:
    """Bring the board in line with the facts.

    A plan under orders is not exchanged here: the board is MOVING until their seats are moved.
    """
    sales_state = "ON_SALE" if facts.state is ScreeningState.SCHEDULED else "STOPPED"
    plan_id, states = board["seat_plan_id"], board["seat_states"]
    if facts.seat_plan_id != plan_id:
        if await tx.driver.fetchval(_HAS_ORDERED_SEATS, facts.screening_id):
            # Without a plan nobody can be moved, and until there is one nothing is sold.
            may_move = plan is not None and sales_state == "ON_SALE"
            sales_state = "MOVING" if may_move else "STOPPED"
        else:
            await tx.driver.execute(_GIVE_UP_HOLDS, facts.screening_id)
            plan_id = facts.seat_plan_id if plan is not None else None
            blocked = await write_blocks(tx.driver, facts.screening_id, plan)
            states = plan.states_before_sales() if plan is not None else b""
            states = with_states(states, blocked, SeatState.BLOCKED)
    elif sales_state == "ON_SALE" and await tx.driver.fetchval(_IS_MOVING, facts.screening_id):
        sales_state = "MOVING"
    await tx.driver.execute(
        _WRITE_BOARD,
        facts.screening_id,
        sales_state,
        facts.sales_start_time,
        facts.sales_end_time,
        plan_id,
        states,
    )


async def _write_copy(
    tx: Transaction, answer: GetSalesFactsResponse, facts: ScreeningFacts, asked_at: datetime
) -> None:
    without_plan = GetSalesFactsResponse()
    without_plan.CopyFrom(answer)
    without_plan.ClearField("seat_plan")
    await tx.driver.execute(
        _WRITE_COPY,
        facts.screening_id,
        without_plan.SerializeToString(),
        facts.version,
        facts.cinema_id,
        facts.policy.code,
        facts.seat_plan_id,
        facts.start_time,
        facts.end_time,
        facts.state,
        asked_at,
    )


def _aggregates(facts: ScreeningFacts) -> list[str]:
    """Name the aggregates whose events change these facts; a policy's carries a prefix."""
    return [str(facts.screening_id), facts.cinema_id, f"{POLICY_PREFIX}{facts.policy.code}"]
