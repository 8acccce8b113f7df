"""Holds that lapse: their seats are free again without anybody asking, however many there are."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from tests.integration.booking.conftest import Process, somebody_waits
from tests.kit.booking_seats import HOLD_SECONDS, a_key, a_wish

SCREENINGS, SEATS, PARTY = 50, 400, 8
HOLDS = SCREENINGS * SEATS // PARTY

# Screenings that are held to the last seat, made from one hold: calls would take minutes.
_FILL = f"""
WITH screening AS (
    INSERT INTO screening_board (screening_id, sales_state, sales_from, sales_until, seat_plan_id,
        seat_states)
    SELECT gen_random_uuid(), sales_state, sales_from, sales_until, seat_plan_id,
        decode(repeat('02', {SEATS}), 'hex')
    FROM screening_board, generate_series(1, {SCREENINGS}) WHERE screening_id = $1
    RETURNING screening_id
), held AS (
    INSERT INTO hold
    SELECT (jsonb_populate_record(hold, jsonb_build_object('id', gen_random_uuid(),
        'screening_id', screening.screening_id, 'created_at', hold.created_at + part * '1 ms'::interval,
        'price_version', part::text))).*
    FROM hold, screening, generate_series(0, {SEATS // PARTY - 1}) AS part
    RETURNING screening_id, id, price_version::integer AS part, expires_at
)
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
SELECT screening_id, seat_index::text, seat_index, 'HELD', id, expires_at
FROM held, generate_series(part * {PARTY}, part * {PARTY} + {PARTY - 1}) AS seat_index"""

_NOT_FREE = """
SELECT count(*) FROM screening_board
WHERE screening_id <> $1 AND seat_states <> decode(repeat('01', length(seat_states)), 'hex')"""


async def fill_screenings(process: Process, like: UUID) -> None:
    """Have 50 halls of 400 seats held by 2,500 parties, all with the same deadline."""
    await process.hold_seats(a_wish(like), a_key())
    async with process.database.transaction() as tx:
        await tx.driver.execute("SET LOCAL statement_timeout = 0")
        await tx.driver.execute(_FILL, like)
        await tx.commit()


@pytest.mark.rule("OTC-14.4b")
async def test_thousands_of_holds_that_lapse_together_are_ended_by_one_sweep(
    process: Process, screening_id: UUID
) -> None:
    await fill_screenings(process, screening_id)
    early = await process.expire_holds()
    await process.move_clock(HOLD_SECONDS)

    expired = await process.expire_holds()

    assert (early, expired) == (0, HOLDS + 1)
    assert await process.database.fetchval(_NOT_FREE, screening_id) == 0
    assert await process.database.fetchval("SELECT count(*) FROM seat_claim") == 0


async def test_workers_that_sweep_at_the_same_time_share_the_work(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    workers = [new_process() for _ in range(3)]
    await fill_screenings(workers[0], screening_id)
    await workers[0].move_clock(HOLD_SECONDS)

    first = await asyncio.gather(*(worker.expire_holds() for worker in workers))
    rest = await workers[0].expire_holds()

    assert sum(first) + rest == HOLDS + 1
    assert await workers[0].database.fetchval(_NOT_FREE, screening_id) == 0


async def test_a_seat_that_was_taken_over_meanwhile_stays_the_new_holders(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    sweeper, buyer = new_process(), new_process()
    await buyer.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await buyer.move_clock(HOLD_SECONDS)

    wish = a_wish(screening_id, ["A1"], owner="guest:new")
    taken, _ = await asyncio.gather(
        buyer.hold_seats(wish, a_key("guest:new")), sweeper.expire_holds()
    )
    await sweeper.expire_holds()

    claims = await buyer.database.fetch("SELECT seat_id, hold_id FROM seat_claim")
    assert [(claim["seat_id"], claim["hold_id"]) for claim in claims] == [("A1", taken.id)]
    assert (await buyer.states(screening_id))[:2] == [2, 1]


async def test_a_board_that_is_always_locked_does_not_keep_lapsed_seats(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    buyer, sweeper = new_process(), new_process()
    await buyer.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await buyer.move_clock(HOLD_SECONDS + 1)
    async with buyer.database.transaction() as tx:
        await tx.driver.execute(_LOCK_BOARD, screening_id)
        sweep = asyncio.create_task(sweeper.expire_holds())
        await somebody_waits(buyer)
        await tx.commit()

    expired = await sweep

    assert expired == 1
    assert (await buyer.states(screening_id))[:2] == [1, 1]


async def test_a_board_that_nobody_lets_go_keeps_no_other_lapsed_seats(
    process: Process, screening_id: UUID
) -> None:
    await fill_screenings(process, screening_id)
    await process.move_clock(HOLD_SECONDS + 1)
    async with process.database.transaction() as tx:
        await tx.driver.execute(_LOCK_BOARD, screening_id)

        expired = await process.expire_holds()

    assert expired == HOLDS
    assert await process.expire_holds() == 1


_LOCK_BOARD = "SELECT FROM screening_board WHERE screening_id = $1 FOR NO KEY UPDATE"

# As ChangeHold does it, only without the board's lock: so the sweep is let in at the worst moment.
_MOVE_HOLD = """
WITH moved AS (
    UPDATE hold SET changes = changes + 1 WHERE screening_id = $1 AND id = $2
    RETURNING screening_id, id, expires_at
), given AS (
    DELETE FROM seat_claim USING moved WHERE hold_id = moved.id
)
INSERT INTO seat_claim (screening_id, seat_id, seat_index, state, hold_id, expires_at)
SELECT screening_id, 'A3', 2, 'HELD', id, expires_at FROM moved"""


async def test_seats_that_a_hold_took_while_a_sweep_began_are_freed_by_the_next(
    new_process: Callable[..., Process], screening_id: UUID
) -> None:
    holder, sweeper = new_process(), new_process()
    hold = await holder.hold_seats(a_wish(screening_id, ["A1", "A2"]), a_key())
    await holder.move_clock(HOLD_SECONDS)
    async with holder.database.transaction() as tx:
        await tx.driver.execute(_MOVE_HOLD, screening_id, hold.id)
        sweep = asyncio.create_task(sweeper.expire_holds())
        await somebody_waits(holder)
        await tx.commit()

    expired = await sweep + await sweeper.expire_holds()

    assert expired == 1
    assert await holder.database.fetchval("SELECT count(*) FROM seat_claim") == 0
